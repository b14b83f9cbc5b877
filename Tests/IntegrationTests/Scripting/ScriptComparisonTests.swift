import Foundation
import Testing

extension IntegrationTests.ScriptTests {
    /// What scripts get and reply, beside real servers.
    ///
    /// Where Redis 2.8.17 and 3.2.6 disagree, either is right: the releases between them mended errors of scripting and
    /// closed holes of the sandbox, and so does this server.
    @Suite struct ComparisonTests {
        private static func replies(
            to cases: [ScriptCase], from server: ServerProcess, _ prepare: (Connection) throws -> Void = { _ in }
        ) throws -> [Reply] {
            let connection = try server.connect()
            return try cases.map { item in
                try connection.forgetEverything()
                try prepare(connection)
                return try connection.call(item.words)
            }
        }

        /// Records every case in which the server under test answers as neither of the others.
        private static func expectSame(
            _ cases: [ScriptCase], _ prepare: (Connection) throws -> Void = { _ in },
            excusing: (ScriptCase, Reply) -> Bool = { _, _ in false }, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let models = try [Peer.redis2_8, .redis3_2].map { peer in
                let server = try ServerProcess.start(peer)
                defer { try? server.stop() }
                let harmless = peer == .redis2_8 ? cases.map { $0.endsRedis2_8 ? .nothing : $0 } : cases
                return try replies(to: harmless, from: server, prepare)
            }
            let found = try withServer { try replies(to: cases, from: $0, prepare) }
            for (index, reply) in found.enumerated() where !models.contains(where: { $0[index] == reply }) {
                if excusing(cases[index], models[0][index]) { continue }
                Issue.record(
                    "\(cases[index].script)\n  ours: \(reply)\n  2.8: \(models[0][index])\n  3.2: \(models[1][index])",
                    sourceLocation: sourceLocation)
            }
        }

        @Test("values, errors, sandbox, libraries")
        func corpus() throws {
            try Self.expectSame(ScriptCorpus.cases)
        }

        /// What is not allowed in scripts, or has replies of its own for each server.
        private static let notCompared: Set<String> = [
            "INFO", "TIME", "CONFIG", "SHUTDOWN", "OBJECT", "DUMP", "LASTSAVE", "COMMAND", "BGSAVE", "BGREWRITEAOF",
            "DEBUG", "SLAVEOF", "RANDOMKEY", "SRANDMEMBER", "SPOP", "SLOWLOG", "LATENCY", "PFDEBUG", "PFSELFTEST",
            "MIGRATE", "ROLE",
        ]

        @Test("every command, with arguments, without and with a key of the wrong type")
        func everyCommand() throws {
            let names = CommandTemplate.known(to: .redis2_8).compactMap { template -> String? in
                guard case .word(let name)? = template.words.first else { return nil }
                return Self.notCompared.contains(name) ? nil : name
            }
            var cases: [ScriptCase] = []
            for name in Set(names).sorted() {
                for arguments in [
                    "", ",'s'", ",'s','1'", ",'l','1'", ",'s','1','2'", ",'l','0','-1'", ",'h','1','2','3'",
                ] {
                    cases.append(ScriptCase("return redis.pcall('\(name)'\(arguments))"))
                    cases.append(ScriptCase("return redis.call('\(name)'\(arguments))"))
                }
            }
            // What takes more arguments by now.
            let later = cases.filter { item in
                KnownDeviation.laterArities.contains { item.script.contains("'\($0.uppercased())'") }
            }.map(\.script)
            try Self.expectSame(cases) { connection in
                try connection.call("SET", "s", "12")
                try connection.call("RPUSH", "l", "b", "a", "c")
                try connection.call("HSET", "h", "1", "2")
            } excusing: { item, theirs in
                later.contains(item.script) && theirs.errorText?.contains("Wrong number of args") == true
            }
        }

        @Test("replies of the server itself that no other gives")
        func deviations() throws {
            try withServer { server in
                let connection = try server.connect()
                let cases: [(String, Reply)] = [
                    // A table that contains itself ends Redis.
                    (
                        "local t = {} t[1] = t return t",
                        .error("ERR The reply of the script is nested too deeply or too long")
                    ),
                    // Compiled code is not taken, metatables of replies are not asked, newproxy is gone.
                    ("return loadstring(string.dump(function() return 1 end))", .bulk(nil)),
                    ("return setmetatable({}, {__index = function() return 'x' end})", .array([])),
                    ("return rawget(_G, 'newproxy') == nil and rawget(_G, 'debug') == nil", .integer(1)),
                    ("return rawget(_G, 'dofile') == nil and rawget(_G, 'loadfile') == nil", .integer(1)),
                    // Places before the data are refused, not read.
                    (
                        "return select(2, pcall(struct.unpack, 'i', 'abcd', 0))",
                        .bulk("bad argument #3 to '?' (offset must be 1 or greater)")
                    ),
                    (
                        "return select(2, pcall(struct.unpack, 'bc0', '\\255abc'))",
                        .bulk("bad argument #2 to '?' (data string too short)")
                    ),
                    ("return redis.sha1hex('abc')", .bulk("a9993e364706816aba3e25717850c26c9cd0d89d")),
                    ("print('one', 2, nil) return 1", .integer(1)),
                ]
                for (script, reply) in cases {
                    let found = try connection.eval(script)
                    #expect(found == reply, "\(script)")
                }
                // What ends the function that a script is the body of does not come through.
                let escape = try connection.eval("return 1 end redis.call('set', 'x', 1) do")
                #expect(escape.errorText?.hasPrefix("ERR Error compiling script") == true)
                #expect(try connection.call("EXISTS", "x") == .integer(0))
            }
        }

        @Test("a script that spoils its surroundings spoils them for itself")
        func surroundings() throws {
            try withServer { server in
                let connection = try server.connect()
                try connection.eval("setfenv(0, {}) return 1")
                #expect(try connection.eval("return redis.call('ping')") == .status("PONG"))
                try connection.eval("KEYS, ARGV = 1, nil return 1")
                #expect(
                    try connection.call("EVAL", "return {KEYS[1], ARGV[1]}", 1, "a", "b")
                        == .array([.bulk("a"), .bulk("b")]))
                try connection.eval("collectgarbage('stop') return 1")
                try connection.eval("redis.call('select', 5) redis.call('set', 'x', 1) return 1")
                #expect(try connection.call("EXISTS", "x") == .integer(0))
                #expect(try connection.call("SCRIPT", "FLUSH") == .ok)
                #expect(try connection.eval("return redis.call('ping')") == .status("PONG"))
            }
        }

        @Test("SCRIPT LOAD, EXISTS, FLUSH, EVALSHA")
        func cache() throws {
            try Dialogue(
                """
                a SCRIPT LOAD return(1)
                a SCRIPT EXISTS 1 a1c3bd5dd45ca3f8d8ba7d4ab5e5ec0d3a2e2a37 63143b6f8007b98c53ca2149822777b3566f9241
                a SCRIPT LOAD return
                b SCRIPT EXISTS 63143b6f8007b98c53ca2149822777b3566f9241
                b EVALSHA 63143b6f8007b98c53ca2149822777b3566f9241 0
                b EVALSHA 63143B6F8007B98C53CA2149822777B3566F9241 0
                b EVALSHA 63143b6f8007b98c53ca2149822777b3566f924 0
                b EVALSHA 63143b6f8007b98c53ca2149822777b3566f9242 0
                b SCRIPT FLUSH
                a EVALSHA 63143b6f8007b98c53ca2149822777b3566f9241 0
                a SCRIPT KILL
                a SCRIPT EXISTS
                a SCRIPT LOAD
                a SCRIPT NOSUCH
                a SCRIPT FLUSH all
                a EVAL return 1
                a EVAL return -1
                a EVAL return x
                a MULTI
                a EVAL return(KEYS[1]) 1 k
                a SET k v
                a EVAL return(redis.call('get',KEYS[1])) 1 k
                a EXEC
                """
            ).expectSame()
        }
    }
}
