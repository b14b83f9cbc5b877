import Testing

@testable import CodisServer

struct DirectiveTableTests {
    private static func camelCase(_ name: String) -> String {
        let parts = name.split(separator: "-")
        return parts.dropFirst().reduce(String(parts[0])) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    @Test func everyPropertyHasItsDirectiveAndViceVersa() {
        let properties = Mirror(reflecting: Configuration()).children.compactMap(\.label).filter { $0 != "file" }
        #expect(Set(properties) == Set(DirectiveTable.directives.map { Self.camelCase($0.name) }))
        #expect(properties.count == DirectiveTable.directives.count)
    }

    /// What redis-server 2.8.17 replies to `CONFIG GET *` when started without arguments, and 2.8.24's two more.
    @Test(arguments: [
        ("dbfilename", "dump.rdb"), ("requirepass", ""), ("masterauth", ""), ("unixsocket", ""), ("logfile", ""),
        ("pidfile", "/var/run/redis.pid"), ("maxmemory", "0"), ("maxmemory-samples", "3"), ("timeout", "0"),
        ("tcp-keepalive", "0"), ("auto-aof-rewrite-percentage", "100"), ("auto-aof-rewrite-min-size", "67108864"),
        ("hash-max-ziplist-entries", "512"), ("hash-max-ziplist-value", "64"), ("list-max-ziplist-entries", "512"),
        ("list-max-ziplist-value", "64"), ("set-max-intset-entries", "512"), ("zset-max-ziplist-entries", "128"),
        ("zset-max-ziplist-value", "64"), ("hll-sparse-max-bytes", "3000"), ("lua-time-limit", "5000"),
        ("slowlog-log-slower-than", "10000"), ("latency-monitor-threshold", "0"), ("slowlog-max-len", "128"),
        ("port", "6379"), ("tcp-backlog", "511"), ("databases", "16"), ("repl-ping-slave-period", "10"),
        ("repl-timeout", "60"), ("repl-backlog-size", "1048576"), ("repl-backlog-ttl", "3600"),
        ("maxclients", "10000"), ("watchdog-period", "0"), ("slave-priority", "100"), ("min-slaves-to-write", "0"),
        ("min-slaves-max-lag", "10"), ("hz", "10"), ("no-appendfsync-on-rewrite", "no"),
        ("slave-serve-stale-data", "yes"), ("slave-read-only", "yes"), ("stop-writes-on-bgsave-error", "yes"),
        ("daemonize", "no"), ("rdbcompression", "yes"), ("rdbchecksum", "yes"), ("activerehashing", "yes"),
        ("repl-disable-tcp-nodelay", "no"), ("aof-rewrite-incremental-fsync", "yes"), ("aof-load-truncated", "yes"),
        ("appendonly", "no"), ("maxmemory-policy", "volatile-lru"), ("appendfsync", "everysec"),
        ("save", "3600 1 300 100 60 10000"), ("loglevel", "notice"),
        (
            "client-output-buffer-limit",
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"
        ),
        ("unixsocketperm", "0"), ("slaveof", ""), ("notify-keyspace-events", ""), ("bind", ""),
        ("repl-diskless-sync", "no"), ("repl-diskless-sync-delay", "5"),
    ])
    func printsRedisDefaults(name: String, value: String) {
        #expect(Configuration().text(of: name) == value)
    }

    @Test(arguments: [
        "appendfilename", "rename-command", "syslog-enabled", "syslog-ident", "syslog-facility", "include",
    ])
    func hidesWhatRedisHides(name: String) {
        #expect(Configuration().text(of: name) == nil)
    }

    /// Every value that is printed can be loaded again and means the same.
    @Test func printedValuesAreReadBack() throws {
        let defaults = Configuration()
        for directive in DirectiveTable.directives where directive.isSettable {
            var configuration = defaults
            try directive.readArgument(&configuration, ConfigurationWord(directive.print(defaults)))
            #expect(configuration == defaults, "\(directive.name)")
        }
    }
}
