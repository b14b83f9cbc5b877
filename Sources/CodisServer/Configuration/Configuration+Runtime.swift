extension Configuration {
    /// `CONFIG SET`: changes one value, or nothing at all. Making the server follow is the caller's part, except that
    /// `dir` changes the working directory here.
    mutating func set(
        _ name: [UInt8], to value: [UInt8], environment: any ConfigurationEnvironment
    ) throws(ConfigurationError) {
        guard let directive = DirectiveTable.directive(named: ConfigurationWord(name)), directive.isSettable else {
            throw .unsupported(name: name)
        }
        do throws(ValueError) {
            try change(directive, in: environment) { configuration throws(ValueError) in
                try directive.readArgument(&configuration, ConfigurationWord(value))
            }
        } catch {
            switch error {
            case .invalid: throw .invalid(value: value, name: name)
            case .refused(let message): throw .refused(message)
            }
        }
    }

    /// `CONFIG GET`: the directives whose names the predicate accepts, in the table's order, with their values.
    func get(matching isWanted: (String) -> Bool) -> [(name: String, value: [UInt8])] {
        DirectiveTable.directives.filter { $0.isShown && isWanted($0.name) }.map { ($0.name, $0.print(self)) }
    }

    /// The directives that differ from their defaults, but have no effect yet; worth a warning at start.
    var settingsNotInEffect: [(name: String, feature: Directive.Feature)] {
        var defaults = Configuration()
        if save.isEmpty { defaults.save = [] }  // without save points nothing is awaited
        return DirectiveTable.directives.compactMap { directive in
            guard case .accepted(let feature) = directive.status, directive.print(self) != directive.print(defaults)
            else {
                return nil
            }
            return (directive.name, feature)
        }
    }

    /// Reads a value of the directive and carries out its effect; a failure of either leaves everything as it was.
    mutating func change(
        _ directive: Directive, in environment: any ConfigurationEnvironment,
        reading read: (inout Configuration) throws(ValueError) -> Void
    ) throws(ValueError) {
        var changed = self
        try read(&changed)
        try directive.effect?(&changed, environment)
        self = changed
    }
}
