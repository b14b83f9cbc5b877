import Logging

// Redis has four levels, swift-log seven: trace and debug are Redis' debug; info is verbose; notice is notice;
// warning, error and critical are warning.
extension LogLevel {
    /// The level a message of swift-log's level is logged at.
    init(_ level: Logger.Level) {
        switch level {
        case .trace, .debug: self = .debug
        case .info: self = .verbose
        case .notice: self = .notice
        case .warning, .error, .critical: self = .warning
        }
    }

    /// The least of swift-log's levels that is logged at this one.
    var loggerLevel: Logger.Level {
        switch self {
        case .debug: .trace
        case .verbose: .info
        case .notice: .notice
        case .warning: .warning
        }
    }

    /// The sign that tells the level within a line.
    var sign: Character {
        switch self {
        case .debug: "."
        case .verbose: "-"
        case .notice: "*"
        case .warning: "#"
        }
    }
}
