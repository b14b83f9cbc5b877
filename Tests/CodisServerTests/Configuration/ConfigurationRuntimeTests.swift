import Testing

@testable import CodisServer
import TestSupport

struct ConfigurationRuntimeTests {
    private func set(
        _ name: String, _ value: String, in configuration: inout Configuration,
        _ environment: MemoryEnvironment = MemoryEnvironment()
    ) throws(ConfigurationError) {
        try configuration.set(Array(name.utf8), to: Array(value.utf8), environment: environment)
    }

    @Test(arguments: [
        ("timeout", "30", "30"), ("TIMEOUT", "+5", "5"), ("appendonly", "YES", "yes"), ("hz", "0", "1"),
        ("hz", "900", "500"), ("loglevel", "Verbose", "verbose"), ("maxmemory", "1gb", "1073741824"),
        ("slowlog-log-slower-than", "-1", "-1"), ("repl-backlog-size", "1", "16384"), ("masterauth", "", ""),
        ("save", "900 1 300 10", "900 1 300 10"), ("save", "", ""), ("watchdog-period", "5", "5"),
        (
            "client-output-buffer-limit", "PUBSUB 1 2 3 normal 4 5 6",
            "normal 4 5 6 slave 268435456 67108864 60 pubsub 1 2 3"
        ),
        ("notify-keyspace-events", "Ehg", "ghE"), ("notify-keyspace-events", "g$lshzxeK", "AK"),
        ("notify-keyspace-events", "Ag", "A"), ("dir", "/data", "/data"),
    ])
    func setsAndShows(name: String, value: String, shown: String) throws {
        var configuration = Configuration()
        try set(name, value, in: &configuration)
        #expect(configuration.text(of: name.lowercased()) == shown)
    }

    @Test(arguments: [
        ("timeout", "-1"), ("timeout", ""), ("timeout", "5 "), ("appendonly", "1"), ("loglevel", "loud"),
        ("maxmemory", "-1"), ("maxclients", "0"), ("save", "900"), ("save", "900 1 0 1"), ("save", "900 -1"),
        ("client-output-buffer-limit", "normal 0 0"), ("client-output-buffer-limit", "normal 1 2 3 all 1 2 3"),
        ("notify-keyspace-events", "KEQ"), ("requirepass", String(repeating: "x", count: 513)),
    ])
    func refusesBadValuesAndKeepsTheOldOnes(name: String, value: String) {
        var configuration = Configuration()
        #expect(throws: ConfigurationError.invalid(value: Array(value.utf8), name: Array(name.utf8))) {
            try set(name, value, in: &configuration)
        }
        #expect(configuration == Configuration())
    }

    @Test(arguments: [
        "port", "bind", "daemonize", "databases", "logfile", "slaveof", "rename-command", "include", "activerehashing",
        "rdbchecksum", "appendfilename", "cluster-enabled", "",
    ])
    func refusesWhatIsFixedOrUnknown(name: String) {
        var configuration = Configuration()
        #expect(throws: ConfigurationError.unsupported(name: Array(name.utf8))) {
            try set(name, "1", in: &configuration)
        }
    }

    @Test func repliesAsRedisDoes() {
        func reply(_ error: ConfigurationError) -> String { String(decoding: error.reply, as: UTF8.self) }
        #expect(reply(.unsupported(name: Array("Foo".utf8))) == "ERR Unsupported CONFIG parameter: Foo")
        #expect(
            reply(.invalid(value: Array("a\r\nb".utf8), name: Array("timeout".utf8)))
                == "ERR Invalid argument 'a  b' for CONFIG SET 'timeout'")
        #expect(reply(.refused("Changing directory: Permission denied")) == "ERR Changing directory: Permission denied")
    }

    @Test(arguments: [
        ("dir", "/nowhere", "Changing directory: No such file or directory"),
        ("dbfilename", "a/b", "dbfilename can't be a path, just a filename"),
    ])
    func tellsWhyARightValueIsRefused(name: String, value: String, message: String) {
        var configuration = Configuration()
        #expect(throws: ConfigurationError.refused(message)) { try set(name, value, in: &configuration) }
        #expect(configuration == Configuration())
    }

    @Test func getShowsWhatThePredicateWantsInTheTablesOrder() {
        let names = Configuration().get { $0.hasPrefix("hash-") || $0 == "dir" }.map(\.name)
        #expect(names == ["dir", "hash-max-ziplist-entries", "hash-max-ziplist-value"])
    }

    @Test func settingsWithoutEffectAreNamed() throws {
        var configuration = Configuration()
        configuration.save = []
        configuration.port = 1
        #expect(configuration.settingsNotInEffect.isEmpty)
        configuration.syslogIdent = "codis"
        let status = try #require(DirectiveTable.directive(named: ConfigurationWord("syslog-ident".utf8))).status
        let named = configuration.settingsNotInEffect.map { Directive.Status.accepted($0.feature) }
        #expect(named == (status == .inEffect ? [] : [status]))
    }
}
