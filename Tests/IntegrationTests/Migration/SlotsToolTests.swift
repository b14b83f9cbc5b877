import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// `codis-server slots`, which moves slots between two servers.
    @Suite(.freshServers) struct SlotsToolTests {
        private func run(_ arguments: [String]) throws -> Program.End {
            try Program(["slots"] + arguments).end(within: .seconds(60))
        }

        private func text(_ endpoint: Endpoint) -> String { "\(endpoint.host):\(endpoint.port)" }

        /// Keys of every type in many slots, and how many there are.
        private func fill(_ connection: Connection) throws -> Int {
            for number in 0..<300 {
                try connection.call("SET", "key:\(number)", number)
                if number % 3 == 0 { try connection.call("EXPIRE", "key:\(number)", 10_000) }
            }
            let members = (0..<1000).map { Bytes(text: "member:\($0)") }
            try connection.call([Bytes(text: "RPUSH"), Bytes(text: "{t}list")] + members)
            try connection.call([Bytes(text: "SADD"), Bytes(text: "{t}set")] + members)
            try connection.call([Bytes(text: "HMSET"), Bytes(text: "{t}hash")] + members)
            let scored = members.enumerated().flatMap { [Bytes(text: "\(Double($0.offset) / 7)"), $0.element] }
            try connection.call([Bytes(text: "ZADD"), Bytes(text: "{t}sorted")] + scored)
            return 304
        }

        @Test("moves everything and finds it as it was")
        func everything() throws {
            let stage = try Stage()
            let count = try fill(stage.source)
            let digest = try stage.source.call("DEBUG", "DIGEST")
            let addresses = [
                "--from", text(stage.servers.source.endpoint), "--to", text(stage.servers.target.endpoint),
            ]
            let end = try run(addresses + ["--verify"])
            #expect(end.exited && end.status == 0, "\(end.output)")
            #expect(end.output.contains("\(count) keys of"))
            #expect(end.output.contains("Every slot is at the target as it was."))
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            #expect(try stage.target.call("DBSIZE") == .integer(count))
            #expect(try stage.target.call("DEBUG", "DIGEST") == digest)
            // Nothing is left to do.
            let again = try run(addresses)
            #expect(again.status == 0 && again.output.contains("0 keys of 0 slots moved"), "\(again.output)")
        }

        @Test("moves the slots and the database that are named, and nothing else")
        func some() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "a", "1", "b", "2", "c", "3")
            try stage.source.call("SELECT", 3)
            try stage.source.call("MSET", "a", "1", "b", "2", "c", "3")
            let end = try run([
                "--from", text(stage.servers.source.endpoint), "--to", text(stage.servers.target.endpoint), "--db", "3",
                "--slots", "\(slotNumber(of: "a"))-\(slotNumber(of: "c"))",
            ])
            #expect(end.status == 0, "\(end.output)")
            #expect(try stage.source.call("KEYS", "*") == .array([.bulk("b")]))
            try stage.source.call("SELECT", 0)
            #expect(try stage.source.call("DBSIZE") == .integer(3))
            try stage.target.call("SELECT", 3)
            #expect(try stage.target.call("MGET", "a", "b", "c") == .array([.bulk("1"), .bulk(nil), .bulk("3")]))
        }

        @Test("is no faster than it may be")
        func rate() throws {
            let stage = try Stage()
            for number in 0..<100 { try stage.source.call("SET", "{r}\(number)", "v") }
            for number in 0..<100 { try stage.source.call("SET", "key:\(number)", "v") }
            let begin = ContinuousClock.now
            let end = try run([
                "--from", text(stage.servers.source.endpoint), "--to", text(stage.servers.target.endpoint), "--rate",
                "200",
            ])
            #expect(end.status == 0, "\(end.output)")
            #expect(ContinuousClock.now - begin > .milliseconds(400))
            #expect(try stage.target.call("DBSIZE") == .integer(200))
        }

        @Test("goes on where a broken connection has stopped it")
        func resuming() throws {
            let stage = try Stage()
            let count = try fill(stage.source)
            let digest = try stage.source.call("DEBUG", "DIGEST")
            let fault = Relay.Fault(effect: .cut, direction: .toServer, bytes: 5000, everyConnection: true)
            let relay = try Relay(to: stage.servers.source.address, fault: fault)
            let to = ["--to", text(stage.servers.target.endpoint)]
            let broken = try run(["--from", text(relay.endpoint)] + to)
            #expect(broken.status == 1)
            #expect(broken.output.contains("run the same command again"), "\(broken.output)")
            relay.setFault(nil)
            let end = try run(["--from", text(relay.endpoint)] + to)
            #expect(end.status == 0, "\(end.output)")
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            #expect(try stage.target.call("DBSIZE") == .integer(count))
            #expect(try stage.target.call("DEBUG", "DIGEST") == digest)
            relay.stop()
        }

        @Test("moves between servers with a password")
        func password() throws {
            let servers = try (0..<2).map { _ in try ServerProcess.start(["requirepass": ["secret"]]) }
            let connections = try servers.map { try $0.connect() }
            for connection in connections { try connection.call("AUTH", "secret") }
            try connections[0].call("SET", "key", "value")
            let addresses = ["--from", text(servers[0].endpoint), "--to", text(servers[1].endpoint)]
            let refused = try run(addresses)
            #expect(refused.status == 1 && refused.output.contains("NOAUTH"), "\(refused.output)")
            let end = try run(addresses + ["--password", "secret", "--verify"])
            #expect(end.status == 0, "\(end.output)")
            #expect(try connections[1].call("GET", "key") == .bulk("value"))
            for server in servers { try server.stop() }
        }

        @Test("says what is wrong")
        func mistakes() throws {
            let stage = try Stage()
            let redis = try ServerProcess.start(.redis2_8)
            let here = text(stage.servers.source.endpoint)
            let nobody = "127.0.0.1:\(try Program.freePort())"
            let cases: [([String], Int32, String)] = [
                (["--from", nobody, "--to", here], 1, "Cannot connect to \(nobody)"),
                (["--from", text(redis.endpoint), "--to", here], 1, "is no codis-server"),
                (["--from", here, "--to", "nowhere"], 64, "--to"), (["--from", here], 64, "--to"),
                (["--from", here, "--to", here, "--slots", "5-3"], 64, "--slots"),
                (["--from", here, "--to", here, "--slots", "0-1024"], 64, "--slots"),
                (["--from", here, "--to", here, "--rate", "0"], 64, "--rate"),
                (["--from", here, "--to", here, "--db", "99"], 1, "invalid DB index"),
            ]
            for (arguments, status, words) in cases {
                let end = try run(arguments)
                #expect(end.exited && end.status == status, "\(arguments): \(end.status)")
                #expect(end.output.contains(words), "\(arguments): \(end.output)")
            }
            try redis.stop()
        }
    }
}
