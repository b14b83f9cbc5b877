import Foundation
import Synchronization
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Large values in synchronous migrations: in pieces toward a target that takes them, in one SLOTSRESTORE toward
    /// others.
    @Suite(.freshServers) struct SyncPiecesTests {
        private static let elements = 20_000

        /// Large values of every type, and a small one, with one tag.
        private func fill(_ connection: Connection) throws -> [String] {
            let numbers = (0..<Self.elements).map { Bytes(text: "member:\($0)") }
            func call(_ name: String, _ key: String, _ items: [Bytes]) throws {
                let reply = try connection.call([Bytes(text: name), Bytes(text: key)] + items)
                #expect(reply.errorText == nil, "\(name) \(key)")
            }
            try call("HMSET", "{p}hash", numbers.flatMap { [$0, $0] })
            try call("RPUSH", "{p}list", numbers)
            try call("SADD", "{p}set", numbers)
            try call(
                "ZADD", "{p}sorted", numbers.enumerated().flatMap { [Bytes(text: "\($0.offset % 100)"), $0.element] })
            try call("SET", "{p}string", [Bytes(repeating: 0x78, count: 3_000_000)])
            try call("SET", "{p}small", [Bytes(text: "small")])
            try connection.call("EXPIRE", "{p}hash", 10_000)
            return ["{p}hash", "{p}list", "{p}set", "{p}small", "{p}sorted", "{p}string"]
        }

        private func values(_ connection: Connection, _ keys: [String]) throws -> [DumpedValue] {
            try keys.map { key in
                guard let payload = try connection.call("DUMP", key).bytes else {
                    throw KitFailure("\(key) is missing")
                }
                return try DumpedValue(payload: payload)
            }
        }

        @Test("a target that takes pieces gets them", arguments: [MigrationForm.tagOne, .tagSlot])
        func pieces(_ form: MigrationForm) throws {
            let stage = try Stage()
            let keys = try fill(stage.source)
            let before = try values(stage.source, keys)
            let monitor = try stage.servers.target.connect()
            try monitor.call("MONITOR")
            let relay = try Relay(to: stage.servers.target.address)
            #expect(try stage.source.call(form.words("{p}hash", to: relay.endpoint)) == form.success(keys.count))
            try stage.target.call("PING")
            var kinds: [String: Int] = [:]
            while true {
                let line = try #require(try monitor.receive().bytes).latin1
                let words = line.split(separator: "\"")
                guard words.count > 1 else { continue }
                if words[1] == "PING" { break }
                let name = words[1] == "SLOTSRESTORE-ASYNC" ? "\(words[1]) \(words[3])" : String(words[1])
                kinds[name, default: 0] += 1
            }
            // The string and the four collections: each deleted first, and the collections given their expiry last.
            #expect(kinds["SLOTSRESTORE-ASYNC-SELECT"] == 1)
            #expect(kinds["SLOTSRESTORE-ASYNC delete"] == 5)
            #expect(kinds["SLOTSRESTORE-ASYNC expire"] == 4)
            #expect(kinds["SLOTSRESTORE-ASYNC string"] == 1)
            #expect(kinds["SLOTSRESTORE"] == 1)
            for kind in ["hash", "list", "dict", "zset"] {
                #expect(kinds["SLOTSRESTORE-ASYNC \(kind)", default: 0] > 10, "\(kind)")
            }
            #expect(try values(stage.target, keys) == before)
            #expect(try stage.target.call("TTL", "{p}list") == .integer(-1))
            #expect(try #require(stage.target.call("TTL", "{p}hash").integerValue) > 9000)
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            relay.stop()
        }

        @Test("a target that does not know pieces is asked once, and gets one SLOTSRESTORE")
        func oldTarget() throws {
            let stage = try Stage()
            let heard = Mutex<[[Bytes]]>([])
            let target = try ScriptedTarget { conversation in
                while true {
                    let words = try conversation.command()
                    heard.withLock { $0.append(words) }
                    switch words[0].latin1 {
                    case "SELECT", "SLOTSRESTORE": try conversation.answer("+OK\r\n")
                    default: try conversation.answer("-ERR unknown command '\(words[0].latin1)'\r\n")
                    }
                }
            }
            defer { target.stop() }
            for _ in 0..<2 {
                try stage.empty()
                let keys = try fill(stage.source)
                let before = try values(stage.source, keys)
                heard.withLock { $0 = $0.filter { $0[0].latin1 == "SLOTSRESTORE-ASYNC-SELECT" } }
                let words = MigrationForm.tagOne.words("{p}", to: target.endpoint)
                #expect(try stage.source.call(words) == .integer(keys.count))
                let commands = heard.withLock { $0 }
                let restores = commands.filter { $0[0].latin1 == "SLOTSRESTORE" }
                #expect(restores.count == 1)
                #expect(commands.count { $0[0].latin1 == "SLOTSRESTORE-ASYNC-SELECT" } == 1)
                let triples = Array(try #require(restores.first).dropFirst())
                let moved = try stride(from: 0, to: triples.count, by: 3).map { index in
                    (triples[index].latin1, try DumpedValue(payload: triples[index + 2]))
                }
                #expect(moved.map(\.0) == keys)
                #expect(moved.map(\.1) == before)
                #expect(try stage.source.call("DBSIZE") == .integer(0))
            }
        }

        @Test("small values ask nobody")
        func smallValues() throws {
            let stage = try Stage()
            let target = try ScriptedTarget { conversation in
                #expect(try conversation.command()[0].latin1 == "SELECT")
                try conversation.answer("+OK\r\n")
                #expect(try conversation.command()[0].latin1 == "SLOTSRESTORE")
                try conversation.answer("+OK\r\n")
                try conversation.listen()
            }
            defer { target.stop() }
            try stage.source.call("SET", "key", Bytes(repeating: 0x79, count: 1 << 20))
            #expect(try stage.source.call(MigrationForm.one.words("key", to: target.endpoint)) == .integer(1))
        }

        @Test("MIGRATE serialises a large value by and by, and real Redis takes it")
        func redis() throws {
            let stage = try Stage()
            let redis = try ServerProcess.start(.redis2_8)
            let connection = try redis.connect()
            let keys = try fill(stage.source)
            let before = try values(stage.source, keys)
            for key in keys {
                // RESTORE of Redis 2.8 does not know REPLACE.
                let words = MigrationForm.migrate.words(key, to: redis.endpoint).dropLast()
                #expect(try stage.source.call(Array(words), timeout: .seconds(60)) == .ok, "\(key)")
            }
            #expect(try values(connection, keys) == before)
            try redis.stop()
        }

        @Test("a piece that is refused: an error, and everything stays")
        func refusal() throws {
            let stage = try Stage()
            let keys = try fill(stage.source)
            for acknowledged in [0, 1, 5, 20] {
                let target = try ScriptedTarget { conversation in
                    try conversation.command()
                    try conversation.answer("+OK\r\n")
                    for _ in 0...acknowledged { try conversation.acknowledge() }
                    try conversation.command()
                    try conversation.send(acknowledgement(-1, "the specified DB is being migrated").encoded)
                }
                let reply = try stage.source.call(MigrationForm.tagOne.words("{p}", to: target.endpoint))
                #expect(reply == .error("ERR error on slotsrestore, migration failed"), "after \(acknowledged)")
                #expect(try stage.source.call("DBSIZE") == .integer(keys.count))
                #expect(try stage.source.call("HSET", "{p}hash", "new", acknowledged) != .integer(-1))
                target.stop()
            }
            try stage.expectUndisturbed()
        }

        @Test("the connection ends among the pieces, and the next try moves everything")
        func cuts() throws {
            let stage = try Stage()
            let keys = try fill(stage.source)
            let before = try values(stage.source, keys)
            for (direction, bytes) in [
                (Relay.Direction.toServer, 100), (.toServer, 50_000), (.toServer, 900_000), (.toClient, 200),
                (.toClient, 2000),
            ] {
                let relay = try Relay(
                    to: stage.servers.target.address, fault: .init(effect: .cut, direction: direction, bytes: bytes))
                let reply = try stage.source.call(MigrationForm.tagOne.words("{p}", to: relay.endpoint))
                #expect(MigrationForm.tagOne.isBrokenConnection(reply), "\(direction) \(bytes): \(reply)")
                #expect(try values(stage.source, keys) == before)
                relay.stop()
            }
            let words = MigrationForm.tagOne.words("{p}", to: stage.servers.target.endpoint)
            #expect(try stage.source.call(words) == .integer(keys.count))
            #expect(try values(stage.target, keys) == before)
            #expect(try stage.source.call("DBSIZE") == .integer(0))
        }
    }
}
