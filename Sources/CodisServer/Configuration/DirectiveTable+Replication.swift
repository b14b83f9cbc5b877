extension DirectiveTable {
    /// Both sides of replication.
    static let replication: [Directive] = [
        Directive("slaveof", \.slaveof, .master, .atStart),
        Directive("masterauth", \.masterauth, .password(), .always),
        Directive("slave-serve-stale-data", \.slaveServeStaleData, .flag, .always),
        Directive("slave-read-only", \.slaveReadOnly, .flag, .always),
        Directive(
            "slave-priority", \.slavePriority, .integer(atLeast: 0, else: "Invalid slave priority"), .always),
        Directive("repl-diskless-sync", \.replDisklessSync, .flag, .always),
        Directive(
            "repl-diskless-sync-delay", \.replDisklessSyncDelay,
            .integer(atLeast: 0, else: "repl-diskless-sync-delay can't be negative"), .always),
        Directive(
            "repl-ping-slave-period", \.replPingSlavePeriod,
            .integer(atLeast: 1, else: "repl-ping-slave-period must be 1 or greater"), .always),
        Directive(
            "repl-timeout", \.replTimeout, .integer(atLeast: 1, else: "repl-timeout must be 1 or greater"), .always),
        Directive("repl-disable-tcp-nodelay", \.replDisableTcpNodelay, .flag, .always),
        Directive(
            "repl-backlog-size", \.replBacklogSize,
            .size(atLeast: 1, else: "repl-backlog-size must be 1 or greater.").clamped(to: 16 << 10...Int.max).inBytes,
            .always),
        Directive(
            "repl-backlog-ttl", \.replBacklogTtl, .integer(atLeast: 0, else: "repl-backlog-ttl can't be negative "),
            .always),
        Directive(
            "repl-handover-timeout", \.replHandoverTimeout,
            .integer(atLeast: 0, atMost: 60_000, else: "Invalid value for repl-handover-timeout"), .always),
        Directive(
            "min-slaves-to-write", \.minSlavesToWrite,
            .integer(atLeast: 0, else: "Invalid value for min-slaves-to-write."), .always),
        Directive(
            "min-slaves-max-lag", \.minSlavesMaxLag,
            .integer(atLeast: 0, else: "Invalid value for min-slaves-max-lag."), .always),
    ]
}
