// Directives whose value is one word of a few. The raw values are the words, as written and as printed.

/// The least important messages that are logged, in Redis' four levels.
enum LogLevel: String, CaseIterable, Sendable {
    case debug, verbose, notice, warning
}

/// When the append-only file is forced to disk.
enum AppendFsync: String, CaseIterable, Sendable {
    case everysec, always, no
}

/// Who watches over the process.
enum Supervision: String, CaseIterable, Sendable {
    case no, upstart, systemd, auto
}

/// The syslog facilities Redis may log to.
enum SyslogFacility: String, CaseIterable, Sendable {
    case user, local0, local1, local2, local3, local4, local5, local6, local7
}
