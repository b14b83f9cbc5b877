/// Why `CONFIG SET` changed nothing.
enum ConfigurationError: Error, Equatable {
    /// There is no such directive, or it cannot be changed while the server runs.
    case unsupported(name: [UInt8])
    case invalid(value: [UInt8], name: [UInt8])
    /// The value is right, but cannot be had.
    case refused(String)

    /// The error reply without its leading `-` and its line end; line ends within became blanks, as Redis makes them.
    var reply: [UInt8] {
        var reply = Array("ERR ".utf8)
        switch self {
        case .unsupported(let name):
            reply += Array("Unsupported CONFIG parameter: ".utf8) + name
        case .invalid(let value, let name):
            reply += Array("Invalid argument '".utf8) + value + Array("' for CONFIG SET '".utf8) + name
            reply.append(UInt8(ascii: "'"))
        case .refused(let message):
            reply += Array(message.utf8)
        }
        return reply.map { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
    }
}

/// Why a configuration was not loaded. The description is what the server prints before it exits with status 1.
enum ConfigurationFileError: Error, Equatable, CustomStringConvertible {
    /// The file named on the command line cannot be read.
    case unreadable(file: String, reason: String)
    /// A line is wrong. Lines count from 1; options of the command line follow those of the file. `file` is the
    /// included file it stands in, `nil` for the configuration itself.
    case line(number: Int, text: [UInt8], file: String?, message: String)

    var description: String {
        switch self {
        case .unreadable(let file, let reason):
            return "Fatal error, can't open config file '\(file)': \(reason)\n"
        case .line(let number, let text, let file, let message):
            return """

                *** FATAL CONFIG FILE ERROR ***
                Reading the configuration file\(file.map { " '\($0)'" } ?? ""), at line \(number)
                >>> '\(String(decoding: text, as: UTF8.self))'
                \(message)

                """
        }
    }
}
