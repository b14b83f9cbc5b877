import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Keys of every kind move whole, in messages of every size, and a conversation that is cut at any byte loses none.
    @Suite(.freshServers) struct AsyncMigrationTests {
        /// Values of every type and encoding.
        private func fill(_ connection: Connection) throws -> [String] {
            func call(_ name: String, _ key: String, _ items: [String]) throws {
                let reply = try connection.call([Bytes(text: name), Bytes(text: key)] + items.map { Bytes(text: $0) })
                #expect(reply.errorText == nil, "\(name) \(key)")
            }
            let long = String(repeating: "x", count: 300_000)
            try call("SET", "{k}empty", [""])
            try call("SET", "{k}integer", ["-12345"])
            try call("SET", "{k}long", [long])
            let numbers = (0..<2000).map(String.init)
            let words = numbers.map { "word:\($0)" }
            let scores = numbers.flatMap { ["\((Double($0) ?? 0) / 8 - 50)", "member:\($0)"] }
            let fields = numbers.flatMap { ["field:\($0)", "value of \($0)"] }
            for (suffix, count) in [("small", 3), ("large", 2000)] {
                try call("RPUSH", "{k}list:\(suffix)", Array(words.prefix(count)))
                try call("SADD", "{k}integers:\(suffix)", Array(numbers.prefix(count)))
                try call("SADD", "{k}words:\(suffix)", Array(words.prefix(count)))
                try call("ZADD", "{k}scores:\(suffix)", Array(scores.prefix(2 * count)))
                try call("HMSET", "{k}hash:\(suffix)", Array(fields.prefix(2 * count)))
            }
            try call("ZADD", "{k}infinite", ["-inf", "a", "inf", "b", "-0", "c"])
            try call("RPUSH", "{k}heavy", Array(repeating: String(repeating: "y", count: 50_000), count: 10))
            try call("HSET", "{k}wide", ["field", long])
            let keys = try #require(try connection.call("KEYS", "*").items).compactMap(\.bytes).map(\.latin1)
            for (number, key) in keys.sorted().enumerated() where number % 2 == 0 {
                try connection.call("EXPIRE", key, 10_000 + number)
            }
            return keys
        }

        private func values(_ connection: Connection, _ keys: [String]) throws -> [String: (DumpedValue, ttl: Int)] {
            var values: [String: (DumpedValue, ttl: Int)] = [:]
            for key in keys {
                guard let payload = try connection.call("DUMP", key).bytes else { continue }
                let ttl = try connection.call("TTL", key).integerValue ?? -2
                values[key] = (try DumpedValue(payload: payload), ttl)
            }
            return values
        }

        private func expectSame(
            _ before: [String: (DumpedValue, ttl: Int)], _ after: [String: (DumpedValue, ttl: Int)], _ comment: String
        ) {
            #expect(Set(before.keys) == Set(after.keys), "\(comment)")
            for (key, value) in before {
                guard let other = after[key] else { continue }
                #expect(value.0 == other.0, "\(key) \(comment)")
                #expect(abs(value.ttl - other.ttl) < 60 && (value.ttl < 0) == (other.ttl < 0), "\(key) \(comment)")
            }
        }

        @Test(
            "every type, in messages of every size",
            arguments: [(1, 1), (1, 1 << 20), (2, 100), (7, 1000), (200, 1 << 20), (524_288, 1 << 29)])
        func types(_ maxbulks: Int, _ maxbytes: Int) throws {
            let stage = try Stage()
            for form in [AsyncForm.tagOne, .tagSlot, .slot] {
                try stage.empty()
                let keys = try fill(stage.source)
                let before = try values(stage.source, keys)
                let words = form.words(
                    "{k}", to: stage.servers.target.endpoint, maxbulks: maxbulks, maxbytes: maxbytes, numkeys: 100_000)
                #expect(try stage.source.call(words, timeout: .seconds(60)) == form.success(keys.count))
                let comment = "\(form.rawValue) \(maxbulks) \(maxbytes)"
                #expect(try stage.source.call("DBSIZE") == .integer(0))
                #expect(try stage.source.call("SLOTSCHECK") == .ok)
                #expect(try stage.target.call("SLOTSCHECK") == .ok)
                expectSame(before, try values(stage.target, keys), comment)
            }
        }

        @Test("what is sent is what DUMP shows, and the other way round")
        func thereAndBack() throws {
            let stage = try Stage()
            let keys = try fill(stage.source)
            let before = try values(stage.source, keys)
            #expect(
                try stage.source.call(AsyncForm.tagOne.words("{k}", to: stage.servers.target.endpoint))
                    == .integer(keys.count))
            #expect(
                try stage.target.call(AsyncForm.tagOne.words("{k}", to: stage.servers.source.endpoint))
                    == .integer(keys.count))
            expectSame(before, try values(stage.source, keys), "there and back")
        }

        @Test("a few slots of many keys move by and by, and none is counted twice")
        func wholeSlot() throws {
            let stage = try Stage()
            let keys = (0..<120_000).map { "key:\($0)" }.filter { slotNumber(of: $0) < 16 }
            for start in stride(from: 0, to: keys.count, by: 1000) {
                let pairs = keys.dropFirst(start).prefix(1000).flatMap { [Bytes(text: $0), Bytes(text: $0)] }
                try stage.source.call([Bytes(text: "MSET")] + pairs)
            }
            var moved = 0
            for slot in 0..<16 {
                while true {
                    let reply = try stage.source.call(
                        "SLOTSMGRTTAGSLOT-ASYNC", stage.servers.target.host, stage.servers.target.port, 5000, 200,
                        1 << 25, slot, 50)
                    let pair = (reply.items ?? []).compactMap(\.integerValue)
                    guard pair.count == 2 else { throw KitFailure("slot \(slot): \(reply)") }
                    moved += pair[0]
                    #expect(pair[0] <= 50)
                    if pair[1] == 0 { break }
                }
            }
            #expect(moved == keys.count)
            #expect(try stage.target.call("DBSIZE") == .integer(keys.count))
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            for key in keys.enumerated().filter({ $0.offset % 97 == 0 }).map(\.element) {
                #expect(try stage.target.call("GET", key) == .bulk(key))
            }
        }

        @Test("the connection ends at any byte, in either direction", arguments: Relay.Direction.allCases)
        func cuts(_ direction: Relay.Direction) throws {
            let stage = try Stage()
            let closed = Reply.error("ERR interrupted: connection closed")
            func prepare() throws {
                try stage.empty()
                try stage.source.call("RPUSH", "{c}list", "1", "2", "3", "4", "5")
                try stage.source.call("SET", "{c}string", "value", "EX", 1000)
            }
            // One undisturbed, for its length.
            try prepare()
            let whole = try Relay(to: stage.servers.target.address)
            let words = { AsyncForm.tagOne.words("{c}", to: $0, maxbulks: 2) }
            #expect(try stage.source.call(words(whole.endpoint)) == .integer(2))
            // The relay counts what it has sent on.
            try waitUntil { whole.passed(direction) > 100 }
            let length = whole.passed(direction)
            whole.stop()
            for bytes in stride(from: 0, to: length, by: 3) {
                try prepare()
                let relay = try Relay(
                    to: stage.servers.target.address, fault: .init(effect: .cut, direction: direction, bytes: bytes))
                let reply = try stage.source.call(words(relay.endpoint))
                #expect(reply == closed, "cut at \(bytes): \(reply)")
                #expect(try stage.source.call("DBSIZE") == .integer(2), "cut at \(bytes)")
                #expect(try stage.source.call("RPUSH", "{c}list", "6") == .integer(6), "nothing is pinned any more")
                // A second try puts everything right, whatever the first one has left.
                #expect(try stage.source.call(words(stage.servers.target.endpoint)) == .integer(2))
                #expect(try stage.target.call("LLEN", "{c}list") == .integer(6))
                #expect(try stage.target.call("TTL", "{c}list") == .integer(-1))
                #expect(try stage.target.call("GET", "{c}string") == .bulk("value"))
                #expect(try stage.source.call("DBSIZE") == .integer(0))
                relay.stop()
            }
        }

        @Test("a target that is late: every client that waits is told, and the keys stay")
        func timeout() throws {
            let stage = try Stage()
            let target = try ScriptedTarget { try $0.listen() }
            defer { target.stop() }
            try stage.source.call("SET", "key", "value")
            let late = Reply.error("ERR interrupted: migration timeout")
            try stage.source.send(encodeCommand(AsyncForm.one.words("key", to: target.endpoint, timeout: 300)))
            let fence = try stage.servers.source.connect()
            try waitUntil { try fence.call("SLOTSMGRT-ASYNC-STATUS") != .array(nil) }
            #expect(try fence.call("SLOTSMGRT-ASYNC-FENCE") == late)
            #expect(try stage.source.receive() == late)
            #expect(try stage.source.call("APPEND", "key", "+") == .integer(6))
        }

        @Test("a caller that leaves does not end what it began")
        func callerLeaves() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
            let caller = try stage.servers.source.connect()
            try caller.send(encodeCommand(AsyncForm.one.words("key", to: gate.endpoint)))
            try gate.waitUntilHeld()
            caller.close()
            usleep(20_000)
            gate.open()
            try waitUntil { try stage.source.call("EXISTS", "key") == .integer(0) }
            #expect(try stage.target.call("GET", "key") == .bulk("value"))
            gate.stop()
        }

        @Test("a transaction waits as a whole for the keys that it writes")
        func transactionWaits() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "key", "1", "other", "1")
            let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
            try stage.source.send(encodeCommand(AsyncForm.one.words("key", to: gate.endpoint)))
            try gate.waitUntilHeld()
            let client = try stage.servers.source.connect()
            try client.call("MULTI")
            try client.call("INCR", "other")
            try client.call("INCR", "key")
            try client.send(command("EXEC"))
            #expect(throws: ConnectionFailure.self) { try client.receive(timeout: .milliseconds(100)) }
            let reader = try stage.servers.source.connect()
            #expect(try reader.call("GET", "other") == .bulk("1"), "nothing of it has happened")
            gate.open()
            #expect(try stage.source.receive() == .integer(1))
            #expect(try client.receive() == .array([.integer(2), .integer(1)]))
            gate.stop()
        }

        @Test("A gives to B and B to A: both refuse, and nothing is lost")
        func crosswise() throws {
            let stage = try Stage()
            try stage.source.call("SET", "a", "1")
            try stage.target.call("SET", "b", "2")
            let gate = try Gate(to: stage.servers.target.address, passing: 0)
            try stage.source.send(encodeCommand(AsyncForm.one.words("a", to: gate.endpoint)))
            try gate.waitUntilHeld()
            // The source is giving keys away from this database, and takes none.
            #expect(
                try stage.target.call(AsyncForm.one.words("b", to: stage.servers.source.endpoint))
                    == .error("ERR interrupted: connection closed"))
            gate.open()
            #expect(try stage.source.receive() == .integer(1))
            #expect(try stage.target.call("MGET", "a", "b") == .array([.bulk("1"), .bulk("2")]))
            gate.stop()
        }
    }
}
