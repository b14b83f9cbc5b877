import Synchronization

/// The server's `loglevel`, shared by all loggers, so that `CONFIG SET loglevel` reaches those that exist already.
final class LogThreshold: Sendable {
    private let position: Atomic<Int>

    init(_ level: LogLevel) {
        position = Atomic(Self.position(of: level))
    }

    /// May be read and set by any thread.
    var level: LogLevel {
        get { LogLevel.allCases[position.load(ordering: .relaxed)] }
        set { position.store(Self.position(of: newValue), ordering: .relaxed) }
    }

    private static func position(of level: LogLevel) -> Int {
        switch level {
        case .debug: 0
        case .verbose: 1
        case .notice: 2
        case .warning: 3
        }
    }
}
