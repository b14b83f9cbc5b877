import Glibc
import Logging

/// Writes swift-log's messages as Redis 2.8 writes its log.
///
/// All handlers share one threshold, so `CONFIG SET loglevel` reaches every logger. A logger may still be given a level
/// of its own. `Logger` asks for the level before it builds the message, so a message below it costs no formatting.
struct ServerLogHandler: LogHandler {
    private let threshold: LogThreshold
    private let destination: LogDestination
    private let systemLog: SystemLog?
    private var ownLevel: Logger.Level?

    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(threshold: LogThreshold, destination: LogDestination, systemLog: SystemLog? = nil) {
        self.systemLog = systemLog
        self.threshold = threshold
        self.destination = destination
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level.loggerLevel }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let message = event.message.description + suffix(for: event.metadata)
        let line = LogLine(process: getpid(), time: .now(), level: LogLevel(event.level), message: message)
        destination.write(line.description)
        systemLog?.write(message, LogLevel(event.level))
    }

    /// Metadata as ` key=value`, sorted by key; what is said nearest to the message wins.
    private func suffix(for own: Logger.Metadata?) -> String {
        let all =
            metadata
            .merging(metadataProvider?.get() ?? [:]) { $1 }
            .merging(own ?? [:]) { $1 }
        return all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    }
}
