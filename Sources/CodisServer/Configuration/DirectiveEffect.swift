/// What some values bring about, or have to be checked against, outside of the configuration.
enum DirectiveEffect {
    /// `dir`: goes there at once, so that relative paths after it mean that directory.
    static let changeDirectory: Directive.Effect = { configuration, environment throws(ValueError) in
        do throws(EnvironmentError) {
            configuration.dir = try environment.changeDirectory(to: configuration.dir)
        } catch {
            throw .refused("Changing directory: \(error.reason)")
        }
    }

    /// `logfile`: a file that cannot be written is better refused at start than found missing later.
    static let tryLogFile: Directive.Effect = { configuration, environment throws(ValueError) in
        guard !configuration.logfile.isEmpty else { return }
        do throws(EnvironmentError) {
            try environment.checkAppending(to: configuration.logfile)
        } catch {
            throw .invalid("Can't open the log file: \(error.reason)")
        }
    }

    /// `rename-command`: the last rename must find its command among those the earlier ones left, and may not take the
    /// name of another.
    static let checkRename: Directive.Effect = { configuration, environment throws(ValueError) in
        guard let rename = configuration.renameCommand.last else { return }
        let earlier = configuration.renameCommand.dropLast()
        let command = ConfigurationWord(rename.command).lowercased
        let name = ConfigurationWord(rename.name).lowercased

        func exists(_ candidate: [UInt8]) -> Bool {
            var exists = environment.isCommand(candidate)
            for done in earlier {
                if ConfigurationWord(done.command).lowercased == candidate { exists = false }
                if ConfigurationWord(done.name).lowercased == candidate { exists = true }
            }
            return exists
        }

        guard exists(command) else { throw .invalid("No such command in rename-command") }
        guard name == command || name.isEmpty || !exists(name) else {
            throw .invalid("Target command name already exists")
        }
    }
}
