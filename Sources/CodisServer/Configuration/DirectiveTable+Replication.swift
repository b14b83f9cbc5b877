extension DirectiveTable {
    /// Both sides of replication.
    static let replication: [Directive] = [
        Directive("slaveof", \.slaveof, .master, .atStart, .accepted(.replication)),
        Directive("masterauth", \.masterauth, .password(), .always, .accepted(.replication)),
        Directive("slave-serve-stale-data", \.slaveServeStaleData, .flag, .always, .accepted(.replication)),
        Directive("slave-read-only", \.slaveReadOnly, .flag, .always, .accepted(.replication)),
        Directive(
            "slave-priority", \.slavePriority, .integer(atLeast: 0, else: "Invalid slave priority"), .always,
            .accepted(.replication)),
        Directive("repl-diskless-sync", \.replDisklessSync, .flag, .always, .accepted(.replication)),
        Directive(
            "repl-diskless-sync-delay", \.replDisklessSyncDelay,
            .integer(atLeast: 0, else: "repl-diskless-sync-delay can't be negative"), .always, .accepted(.replication)),
        Directive(
            "repl-ping-slave-period", \.replPingSlavePeriod,
            .integer(atLeast: 1, else: "repl-ping-slave-period must be 1 or greater"), .always,
            .accepted(.replication)),
        Directive(
            "repl-timeout", \.replTimeout, .integer(atLeast: 1, else: "repl-timeout must be 1 or greater"), .always,
            .accepted(.replication)),
        Directive("repl-disable-tcp-nodelay", \.replDisableTcpNodelay, .flag, .always, .accepted(.replication)),
        Directive(
            "repl-backlog-size", \.replBacklogSize,
            .size(atLeast: 1, else: "repl-backlog-size must be 1 or greater.").clamped(to: 16 << 10...Int.max).inBytes,
            .always,
            .accepted(.replication)),
        Directive(
            "repl-backlog-ttl", \.replBacklogTtl, .integer(atLeast: 0, else: "repl-backlog-ttl can't be negative "),
            .always, .accepted(.replication)),
        Directive(
            "min-slaves-to-write", \.minSlavesToWrite,
            .integer(atLeast: 0, else: "Invalid value for min-slaves-to-write."), .always, .accepted(.replication)),
        Directive(
            "min-slaves-max-lag", \.minSlavesMaxLag,
            .integer(atLeast: 0, else: "Invalid value for min-slaves-max-lag."), .always, .accepted(.replication)),
    ]
}
