import Glibc

/// The system's log daemon: `syslog-enabled`, `syslog-ident`, `syslog-facility`.
struct SystemLog: Equatable, Sendable {
    /// Connects to the daemon; lines carry `identity` and the number of the process.
    init(identity: String, facility: SyslogFacility) {
        // openlog(3) keeps the pointer for as long as the process logs.
        unsafe openlog(strdup(identity), LOG_PID | LOG_NDELAY | LOG_NOWAIT, facility.code)
    }

    func write(_ message: String, _ level: LogLevel) {
        unsafe message.withCString { text in
            unsafe withVaList([text]) { unsafe vsyslog(level.syslogPriority, "%s", $0) }
        }
    }
}

extension LogLevel {
    /// As Redis maps its levels.
    var syslogPriority: Int32 {
        switch self {
        case .debug: LOG_DEBUG
        case .verbose: LOG_INFO
        case .notice: LOG_NOTICE
        case .warning: LOG_WARNING
        }
    }
}

extension SyslogFacility {
    /// The number that syslog(3) knows it by: the macros of the header, which are no constants for Swift.
    var code: Int32 {
        switch self {
        case .user: 1 << 3
        case .local0: 16 << 3
        case .local1: 17 << 3
        case .local2: 18 << 3
        case .local3: 19 << 3
        case .local4: 20 << 3
        case .local5: 21 << 3
        case .local6: 22 << 3
        case .local7: 23 << 3
        }
    }
}
