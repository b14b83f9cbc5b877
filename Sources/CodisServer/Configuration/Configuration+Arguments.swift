extension Configuration {
    /// Loads what the command line says: `[FILE|-] [--directive value ...]`, without the program's name.
    ///
    /// A first argument that does not begin with `--` is the configuration file; `-` reads it from standard input. What
    /// begins with `--` is a directive, and the arguments up to the next one are its values. They count as further
    /// lines of the file, so they win over it. As in Redis, any argument at all removes the built-in save points.
    mutating func load(
        arguments: [String], environment: any ConfigurationEnvironment
    ) throws(ConfigurationFileError) {
        dir = (try? environment.currentDirectory()) ?? dir
        guard let first = arguments.first else { return }
        save = []
        var text: [UInt8] = []
        if !first.hasPrefix("--") {
            text = try contents(of: first, in: environment)
        }
        text.append(UInt8(ascii: "\n"))  // even without a file, so that lines count as Redis counts them
        text += Self.lines(of: first.hasPrefix("--") ? arguments[...] : arguments.dropFirst())
        try load(text, environment: environment)
    }

    /// Reads the configuration file, and remembers its absolute path before `dir` can change what a relative one means.
    private mutating func contents(
        of path: String, in environment: any ConfigurationEnvironment
    ) throws(ConfigurationFileError) -> [UInt8] {
        do throws(EnvironmentError) {
            if path == "-" { return try environment.contents(of: nil) }
            file = path.hasPrefix("/") ? path : "\(try environment.currentDirectory())/\(path)"
            return try environment.contents(of: path)
        } catch {
            throw .unreadable(file: path, reason: error.reason)
        }
    }

    /// The options as lines of a configuration file, their values in quotes.
    private static func lines(of options: ArraySlice<String>) -> [UInt8] {
        var text: [UInt8] = []
        for option in options {
            if option.hasPrefix("--") {
                if !text.isEmpty { text.append(UInt8(ascii: "\n")) }
                text += Array(option.utf8.dropFirst(2))
            } else {
                text += ConfigurationLine.quoted(option.utf8)
            }
            text.append(UInt8(ascii: " "))
        }
        return text
    }
}
