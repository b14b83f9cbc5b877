extension DirectiveTable {
    /// The process itself.
    static let process: [Directive] = [
        Directive("daemonize", \.daemonize, .flag, .atStart),
        Directive(
            "supervised", \.supervised,
            .choice(else: "Invalid option for 'supervised'. Allowed values: 'upstart', 'systemd', 'auto', or 'no'"),
            .atStart),
        Directive("pidfile", \.pidfile, .text, .atStart),
        Directive("dir", \.dir, .text, .always, then: DirectiveEffect.changeDirectory),
        Directive(
            "databases", \.databases, .integer(atLeast: 1, atMost: 1 << 31 - 1, else: "Invalid number of databases"),
            .atStart),
        Directive("hz", \.hz, .integer(atLeast: 0, else: "Invalid hz value").clamped(to: 1...500), .always),
        Directive("activerehashing", \.activerehashing, .flag, .atStart),
        Directive("rename-command", \.renameCommand, .renames, .fileOnly, then: DirectiveEffect.checkRename),
        Directive(
            "watchdog-period", \.watchdogPeriod, .integer(atLeast: 0, else: "Invalid watchdog period"), .runtimeOnly),
    ]

    /// Listening, connections, clients.
    static let network: [Directive] = [
        Directive("port", \.port, .integer(atLeast: 0, atMost: 65535, else: "Invalid port"), .atStart),
        Directive("bind", \.bind, .addresses, .atStart),
        Directive("protected-mode", \.protectedMode, .flag, .always),
        Directive("tcp-backlog", \.tcpBacklog, .integer(atLeast: 0, else: "Invalid backlog value"), .atStart),
        Directive("unixsocket", \.unixsocket, .text, .atStart),
        Directive("unixsocketperm", \.unixsocketperm, .fileMode, .atStart),
        Directive("timeout", \.timeout, .integer(atLeast: 0, else: "Invalid timeout value"), .always),
        Directive(
            "tcp-keepalive", \.tcpKeepalive,
            .integer(atLeast: 0, atMost: 1 << 31 - 1, else: "Invalid tcp-keepalive value"), .always),
        Directive(
            "maxclients", \.maxclients, .integer(atLeast: 1, atMost: 1 << 31 - 1, else: "Invalid max clients limit"),
            .always),
        Directive("requirepass", \.requirepass, .password(atMost: 512), .always),
        Directive("client-output-buffer-limit", \.clientOutputBufferLimit, .outputBufferLimits, .always),
        Directive("notify-keyspace-events", \.notifyKeyspaceEvents, .keyspaceEvents, .always),
    ]
}
