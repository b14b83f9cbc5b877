extension DirectiveTable {
    /// Logs, measurements, and the limit on scripts.
    static let observation: [Directive] = [
        Directive(
            "loglevel", \.loglevel,
            .choice(else: "Invalid log level. Must be one of debug, verbose, notice, warning"), .always),
        Directive("logfile", \.logfile, .text, .atStart, then: DirectiveEffect.tryLogFile),
        Directive("syslog-enabled", \.syslogEnabled, .flag, .fileOnly),
        Directive("syslog-ident", \.syslogIdent, .text, .fileOnly),
        Directive(
            "syslog-facility", \.syslogFacility,
            .choice(else: "Invalid log facility. Must be one of USER or between LOCAL0-LOCAL7"), .fileOnly),
        Directive(
            "slowlog-log-slower-than", \.slowlogLogSlowerThan, .integer(else: "Invalid slowlog-log-slower-than"),
            .always),
        Directive(
            "slowlog-max-len", \.slowlogMaxLen, .integer(atLeast: 0, else: "Invalid slowlog-max-len"), .always),
        Directive(
            "latency-monitor-threshold", \.latencyMonitorThreshold,
            .integer(atLeast: 0, else: "The latency threshold can't be negative"), .always),
        Directive(
            "lua-time-limit", \.luaTimeLimit, .integer(atLeast: 0, else: "Invalid lua-time-limit"), .always),
    ]
}
