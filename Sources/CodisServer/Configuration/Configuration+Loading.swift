extension Configuration {
    /// How deep files may include each other; more is taken for a file that includes itself.
    private static let deepestInclusion = 16

    /// Reads the lines of a configuration file, one after the other, on top of what is set already.
    ///
    /// A line that sets a value again wins over the earlier one, but for `save` and `rename-command`, whose lines add
    /// up. If a line is wrong, the configuration holds the lines before it.
    mutating func load(
        _ text: [UInt8], environment: any ConfigurationEnvironment
    ) throws(ConfigurationFileError) {
        try load(text, from: nil, depth: 0, environment)
    }

    private mutating func load(
        _ text: [UInt8], from file: String?, depth: Int, _ environment: any ConfigurationEnvironment
    ) throws(ConfigurationFileError) {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = Self.trimmed(line)
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            let included: (path: String, text: [UInt8])?
            do throws(ValueError) {
                included = try loadLine(line, depth: depth, environment)
            } catch {
                throw .line(number: index + 1, text: Array(line), file: file, message: error.message)
            }
            if let included {
                try load(included.text, from: included.path, depth: depth + 1, environment)
            }
        }
    }

    /// Stores what a line says; returns the file to go on with if it says `include`.
    private mutating func loadLine(
        _ line: ArraySlice<UInt8>, depth: Int, _ environment: any ConfigurationEnvironment
    ) throws(ValueError) -> (path: String, text: [UInt8])? {
        guard let words = ConfigurationLine.words(of: line) else {
            throw .invalid("Unbalanced quotes in configuration line")
        }
        guard let name = words.first else { return nil }
        let values = Array(words.dropFirst())
        if name.keyword == "include", values.count == 1, let path = values[0].text {
            guard depth < Self.deepestInclusion else { throw .refused("Too many levels of included files") }
            do throws(EnvironmentError) {
                return (path, try environment.contents(of: path))
            } catch {
                throw .refused("Can't open config file '\(path)': \(error.reason)")
            }
        }
        guard let directive = DirectiveTable.directive(named: name), directive.isReadFromFile,
            directive.wordCounts.contains(values.count)
        else {
            throw .invalid("Bad directive or wrong number of arguments")
        }
        try change(directive, in: environment) { configuration throws(ValueError) in
            try directive.readLine(&configuration, values)
        }
        return nil
    }

    /// Without the blanks at both ends.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blanks = Array(" \t\r".utf8)
        var line = line.drop { blanks.contains($0) }
        while let last = line.last, blanks.contains(last) { line.removeLast() }
        return line
    }
}

extension ValueError {
    fileprivate var message: String {
        switch self {
        case .invalid(let message), .refused(let message): message
        }
    }
}
