import Testing

@testable import CodisServer
import TestSupport

struct ConfigurationLoadingTests {
    @Test func readsEveryKindOfValue() throws {
        let configuration = try Configuration(
            lines: """
                # a comment

                PORT 7000
                  bind 127.0.0.1 ::1
                appendonly YES
                maxmemory 2gb
                maxmemory-policy AllKeys-LRU
                requirepass "two words\\x00\\xff"
                unixsocketperm 700
                slaveof master.example 6380
                notify-keyspace-events KEA
                client-output-buffer-limit pubsub 1mb 1k 5\r
                save ""
                save 900 1
                save 300 10
                rename-command CONFIG secret
                hz 1000
                repl-backlog-size 1
                """)
        #expect(configuration.port == 7000)
        #expect(configuration.bind == ["127.0.0.1", "::1"])
        #expect(configuration.appendonly)
        #expect(configuration.maxmemory == 2 << 30)
        #expect(configuration.maxmemoryPolicy == .allkeysLRU)
        #expect(configuration.requirepass == Array("two words".utf8) + [0, 0xFF])
        #expect(configuration.unixsocketperm == 0o700)
        #expect(configuration.slaveof == MasterAddress(host: "master.example", port: 6380))
        #expect(configuration.notifyKeyspaceEvents == [.all, .keyspaceChannel, .keyeventChannel])
        #expect(
            configuration.clientOutputBufferLimit.pubsub
                == OutputBufferLimit(hard: 1 << 20, soft: 1000, softSeconds: 5))
        #expect(configuration.clientOutputBufferLimit.slave == OutputBufferLimits().slave)
        #expect(configuration.save == [SavePoint(seconds: 900, changes: 1), SavePoint(seconds: 300, changes: 10)])
        #expect(
            configuration.renameCommand
                == [CommandRename(command: Array("CONFIG".utf8), name: Array("secret".utf8))])
        #expect(configuration.hz == 500)
        #expect(configuration.replBacklogSize == 16384)
    }

    @Test(arguments: [
        ("nonsense 1", "Bad directive or wrong number of arguments"),
        ("port", "Bad directive or wrong number of arguments"),
        ("port 1 2", "Bad directive or wrong number of arguments"),
        ("cluster-enabled yes", "Bad directive or wrong number of arguments"),
        ("watchdog-period 100", "Bad directive or wrong number of arguments"),
        ("include", "Bad directive or wrong number of arguments"),
        (#"requirepass "abc"#, "Unbalanced quotes in configuration line"),
        ("port 65536", "Invalid port"),
        ("port http", "Invalid port"),
        ("tcp-backlog -1", "Invalid backlog value"),
        ("timeout -1", "Invalid timeout value"),
        ("tcp-keepalive -1", "Invalid tcp-keepalive value"),
        ("unixsocketperm 888", "Invalid socket file permissions"),
        ("unixsocketperm 1777", "Invalid socket file permissions"),
        ("databases 0", "Invalid number of databases"),
        ("maxclients 0", "Invalid max clients limit"),
        ("maxmemory lots", "argument must be a memory value"),
        ("maxmemory -1", "argument must be a memory value"),
        ("maxmemory-policy lru", "Invalid maxmemory policy"),
        ("maxmemory-samples 0", "maxmemory-samples must be 1 or greater"),
        ("daemonize maybe", "argument must be 'yes' or 'no'"),
        ("loglevel loud", "Invalid log level. Must be one of debug, verbose, notice, warning"),
        ("logfile /readonly/log", "Can't open the log file: Permission denied"),
        ("dir /nowhere", "Changing directory: No such file or directory"),
        ("save 0 1", "Invalid save parameters"),
        ("save 900", "Invalid save parameters"),
        ("appendfsync sometimes", "argument must be 'no', 'always' or 'everysec'"),
        ("appendfilename a/b", "appendfilename can't be a path, just a filename"),
        ("dbfilename a/b", "dbfilename can't be a path, just a filename"),
        ("repl-timeout 0", "repl-timeout must be 1 or greater"),
        ("repl-backlog-size 0", "repl-backlog-size must be 1 or greater."),
        ("slaveof host 0", "Invalid master port"),
        ("min-slaves-max-lag -1", "Invalid value for min-slaves-max-lag."),
        ("client-output-buffer-limit all 0 0 0", "Unrecognized client limit class"),
        ("client-output-buffer-limit slave 0 0 -1", "Negative number of seconds in soft limit is invalid"),
        ("notify-keyspace-events KQ", "Invalid event class character. Use 'g$lshzxeA'."),
        ("latency-monitor-threshold -1", "The latency threshold can't be negative"),
        ("syslog-facility mail", "Invalid log facility. Must be one of USER or between LOCAL0-LOCAL7"),
        ("rename-command nonsense x", "No such command in rename-command"),
        ("rename-command config GET", "Target command name already exists"),
        ("include missing.conf", "Can't open config file 'missing.conf': No such file or directory"),
    ])
    func tellsWhatIsWrong(line: String, message: String) {
        #expect(throws: ConfigurationFileError.line(number: 2, text: Array(line.utf8), file: nil, message: message)) {
            try Configuration(lines: "# comment\n  \(line)\r\nport 1")
        }
    }

    @Test func printsErrorsAsRedisDoes() {
        let error = ConfigurationFileError.line(
            number: 3, text: Array("port x".utf8), file: nil, message: "Invalid port")
        #expect(
            error.description == """

                *** FATAL CONFIG FILE ERROR ***
                Reading the configuration file, at line 3
                >>> 'port x'
                Invalid port

                """)
    }

    @Test func passwordsHaveALimit() throws {
        let longest = String(repeating: "x", count: 512)
        #expect(try Configuration(lines: "requirepass \(longest)").requirepass.count == 512)
        #expect(throws: ConfigurationFileError.self) { try Configuration(lines: "requirepass \(longest)x") }
    }

    @Test func seventeenAddressesAreTooMany() throws {
        let addresses = String(repeating: " 127.0.0.1", count: 16)
        #expect(try Configuration(lines: "bind\(addresses)").bind.count == 16)
        #expect(throws: ConfigurationFileError.self) { try Configuration(lines: "bind\(addresses) ::1") }
    }

    @Test func laterLinesWinOverIncludedOnes() throws {
        let environment = MemoryEnvironment(files: ["common.conf": "port 1\ntimeout 5\n"])
        let configuration = try Configuration(lines: "port 2\ninclude common.conf\ntimeout 6", in: environment)
        #expect(configuration.port == 1)
        #expect(configuration.timeout == 6)
    }

    @Test func errorsNameTheIncludedFile() {
        let environment = MemoryEnvironment(files: ["common.conf": "\nport x\n"])
        #expect(
            throws: ConfigurationFileError.line(
                number: 2, text: Array("port x".utf8), file: "common.conf", message: "Invalid port")
        ) {
            try Configuration(lines: "include common.conf", in: environment)
        }
    }

    @Test func aFileThatIncludesItselfIsRefused() {
        let environment = MemoryEnvironment(files: ["self.conf": "include self.conf"])
        #expect(throws: ConfigurationFileError.self) {
            try Configuration(lines: "include self.conf", in: environment)
        }
    }

    @Test func renamesSeeEarlierOnes() throws {
        let configuration = try Configuration(
            lines: """
                rename-command config ""
                rename-command GET config
                rename-command config Config
                rename-command CONFIG ""
                """)
        #expect(configuration.renameCommand.count == 4)
        #expect(throws: ConfigurationFileError.self) {
            try Configuration(lines: "rename-command get \"\"\nrename-command get x")
        }
    }

    @Test func slaveofNoOneIsNoMaster() throws {
        #expect(try Configuration(lines: "slaveof host 1\nslaveof NO ONE").slaveof == nil)
    }
}
