import Foundation
import Synchronization
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// What codis-server 3.2.11 did wrong in asynchronous migrations and this server does not. Each test is named after
    /// what it protects, with the quirk's number in the specification.
    @Suite(.freshServers) struct AsyncQuirkTests {
        private static let closed = Reply.error("ERR interrupted: connection closed")

        @Test("Q2: a refusal ends the conversation instead of being answered")
        func refusalIsNotAnswered() throws {
            let stage = try Stage()
            let heard = Mutex<[[Bytes]]>([])
            let target = try ScriptedTarget { conversation in
                heard.withLock { $0 = [] }
                let words = try conversation.command()
                heard.withLock { $0.append(words) }
                try conversation.answer("-NOAUTH Authentication required.\r\n")
                while true {
                    let words = try conversation.command()
                    heard.withLock { $0.append(words) }
                }
            }
            defer { target.stop() }
            try stage.source.call("SET", "key", "value")
            let begin = ContinuousClock.now
            #expect(try stage.source.call(AsyncForm.one.words("key", to: target.endpoint)) == Self.closed)
            #expect(ContinuousClock.now - begin < .seconds(5), "it waited for the timeout")
            // Select, delete, string: what was on its way already.
            #expect(heard.withLock { $0.count } <= 3)
            #expect(try stage.source.call("GET", "key") == .bulk("value"))
        }

        @Test("Q2: a target with a password refuses a source without one, and nothing moves")
        func protectedTarget() throws {
            let stage = try Stage()
            let target = try ServerProcess.start(["requirepass": ["secret"]])
            try stage.source.call("SET", "key", "value")
            #expect(try stage.source.call(AsyncForm.one.words("key", to: target.endpoint)) == Self.closed)
            #expect(try stage.source.call("GET", "key") == .bulk("value"))
            let before = try stage.servers.source.info("total_net_input_bytes")
            usleep(100_000)
            #expect(try stage.servers.source.info("total_net_input_bytes") - before < 10_000)
            try target.stop()
        }

        @Test("Q3: a score that is no number is refused, and the target lives")
        func notANumber() throws {
            let stage = try Stage()
            for bits in [0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0001, 0x7FF0_0000_0000_0001] as [UInt64] {
                let score = (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
                let connection = try stage.servers.target.connect()
                let good = [0, 0, 0, 0, 0, 0, 0, 64] as Bytes
                let reply = try connection.call("SLOTSRESTORE-ASYNC", "zset", "set", 0, 2, "a", good, "b", score)
                #expect(reply == acknowledgement(-1, "invalid zset score ([1]), bad raw bits"))
                #expect(try connection.isClosed())
            }
            #expect(try stage.target.call("EXISTS", "set") == .integer(0))
        }

        @Test("Q4: a target cannot command its source")
        func commandsOnTheLink() throws {
            let stage = try Stage()
            for text in [
                "*1\r\n$8\r\nFLUSHALL\r\n", "FLUSHALL\r\n", "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n", "\r\n", "*0\r\n",
            ] {
                let target = try ScriptedTarget { conversation in
                    try conversation.acknowledge()
                    try conversation.command()
                    try conversation.answer(text)
                    try conversation.listen()
                }
                try stage.source.call("SET", "key", "value")
                let reply = try stage.source.call(AsyncForm.one.words("key", to: target.endpoint))
                #expect(reply == Self.closed, "\(text)")
                #expect(try stage.source.call("GET", "key") == .bulk("value"))
                target.stop()
            }
        }

        @Test("Q4: more acknowledgements than messages are not taken for later ones")
        func tooManyAcknowledgements() throws {
            let stage = try Stage()
            let target = try ScriptedTarget { conversation in
                for _ in 0..<3 { try conversation.acknowledge() }
                try conversation.send(acknowledgement(0, "1").encoded)
                try conversation.listen()
            }
            defer { target.stop() }
            try stage.source.call("SET", "key", "value")
            let reply = try stage.source.call(AsyncForm.one.words("key", to: target.endpoint))
            // One too many may come together with the last that belongs there.
            #expect(reply == .integer(1) || reply == Self.closed, "\(reply)")
            #expect(try stage.source.call("EXISTS", "key") == .integer(reply == Self.closed ? 1 : 0))
            try waitUntil { try stage.source.call("SLOTSMGRT-ASYNC-STATUS") == .array(nil) }
        }

        @Test("Q6: a direct write to a key under way waits, and is lost neither here nor there")
        func directWrites() throws {
            let stage = try Stage()
            for isCut in [true, false] {
                try stage.empty()
                try stage.source.call("RPUSH", "key", "1", "2")
                let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
                try stage.source.send(encodeCommand(AsyncForm.one.words("key", to: gate.endpoint)))
                try gate.waitUntilHeld()
                let writer = try stage.servers.source.connect()
                try writer.send(command("RPUSH", "key", "3"))
                #expect(throws: ConnectionFailure.self) { try writer.receive(timeout: .milliseconds(100)) }
                #expect(try stage.servers.source.connect().call("LLEN", "key") == .integer(2), "readers go on")
                if isCut { gate.cut() } else { gate.open() }
                #expect(try stage.source.receive() == (isCut ? Self.closed : .integer(1)))
                // The key is whole where it was, or has moved whole: then the write made a new one.
                #expect(try writer.receive() == .integer(isCut ? 3 : 1))
                if !isCut {
                    #expect(try stage.target.call("LRANGE", "key", 0, -1) == .array([.bulk("1"), .bulk("2")]))
                }
                gate.stop()
            }
        }

        @Test("Q6: the wrapper looks at every key that its command writes")
        func otherKeysOfTheWrapper() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "moving", "1", "free", "2")
            let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
            try stage.source.send(encodeCommand(AsyncForm.one.words("moving", to: gate.endpoint)))
            try gate.waitUntilHeld()
            let client = try stage.servers.source.connect()
            let busy = Reply.array([.integer(1), .error("ERR the specified key is being migrated")])
            #expect(try client.call("SLOTSMGRT-EXEC-WRAPPER", "free", "DEL", "free", "moving") == busy)
            #expect(try client.call("SLOTSMGRT-EXEC-WRAPPER", "free", "APPEND", "moving", "x") == busy)
            #expect(try client.call("SLOTSMGRT-EXEC-WRAPPER", "free", "RENAME", "free", "moving") == busy)
            #expect(
                try client.call("SLOTSMGRT-EXEC-WRAPPER", "free", "MGET", "free", "moving")
                    == .array([.integer(2), .array([.bulk("2"), .bulk("1")])]))
            #expect(
                try client.call("SLOTSMGRT-EXEC-WRAPPER", "free", "APPEND", "free", "x")
                    == .array([.integer(2), .integer(2)]))
            gate.open()
            #expect(try stage.source.receive() == .integer(1))
            #expect(try stage.target.call("GET", "moving") == .bulk("1"))
            gate.stop()
        }

        @Test(
            "Q6: whoever empties the database ends the migration first", arguments: ["FLUSHALL", "FLUSHDB", "SLOTSDEL"])
        func emptying(_ name: String) throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
            try stage.source.send(encodeCommand(AsyncForm.one.words("key", to: gate.endpoint)))
            try gate.waitUntilHeld()
            let client = try stage.servers.source.connect()
            if name == "SLOTSDEL" {
                let slot = slotNumber(of: "key")
                #expect(try client.call(name, slot, 1024) == .error("ERR invalid slot number = 1024"))
                #expect(try client.call("SLOTSMGRT-ASYNC-STATUS") != .array(nil), "a wrong command ends nothing")
                #expect(try client.call(name, slot) == .array([.array([.integer(slot), .integer(0)])]))
            } else {
                #expect(try client.call(name) == .ok)
            }
            #expect(try client.call("DBSIZE") == .integer(0))
            #expect(try stage.source.receive() == .error("ERR interrupted: canceled"))
            #expect(try client.call("SET", "key", "new") == .ok)
            gate.stop()
        }

        @Test("Q11: neither CLIENT KILL nor the idle timeout ends a link")
        func exemptLink() throws {
            let source = try ServerProcess.start(["timeout": ["1"]])
            let stage = try Stage()
            let caller = try source.connect()
            try caller.call("SET", "key", "value")
            let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
            try caller.send(encodeCommand(AsyncForm.one.words("key", to: gate.endpoint)))
            try gate.waitUntilHeld()
            let killer = try source.connect()
            let listed = try #require(try killer.call("CLIENT", "LIST").bytes).latin1
            for line in listed.split(separator: "\n") {
                guard let address = line.split(separator: " ").first(where: { $0.hasPrefix("addr=") }) else { continue }
                if !line.contains("cmd=client") { try killer.call("CLIENT", "KILL", String(address.dropFirst(5))) }
            }
            usleep(2_200_000)
            gate.open()
            let client = try source.connect()
            try waitUntil { try client.call("EXISTS", "key") == .integer(0) }
            #expect(try stage.target.call("GET", "key") == .bulk("value"))
            gate.stop()
            try source.stop()
        }

        @Test("Q13: a client gets its replies in the order of its commands")
        func order() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "a", "1", "b", "2")
            let target = stage.servers.target.endpoint
            let pipeline =
                encodeCommand(AsyncForm.one.words("a", to: target)) + command("PING")
                + command("SLOTSMGRT-ASYNC-FENCE") + encodeCommand(AsyncForm.one.words("b", to: target))
                + command("DBSIZE")
            try stage.source.send(pipeline)
            for expected in [.integer(1), .status("PONG"), .ok, .integer(1), .integer(0)] as [Reply] {
                #expect(try stage.source.receive() == expected)
            }
        }

        @Test("Q13: in a transaction the replies stand in their places")
        func transaction() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "a", "1", "b", "2")
            let target = stage.servers.target.endpoint
            try stage.source.call("MULTI")
            for words in [
                AsyncForm.one.words("a", to: target), ["GET", "a"].map(\.argumentBytes),
                AsyncForm.slot.words("b", to: target), ["SLOTSMGRT-ASYNC-FENCE"].map(\.argumentBytes),
                ["DBSIZE"].map(\.argumentBytes),
            ] {
                #expect(try stage.source.call(words) == .status("QUEUED"))
            }
            #expect(
                try stage.source.call("EXEC")
                    == .array([.integer(1), .bulk(nil), .array([.integer(1), .integer(1)]), .ok, .integer(0)]))
            #expect(try stage.target.call("MGET", "a", "b") == .array([.bulk("1"), .bulk("2")]))
        }

        @Test("Q16: nobody pops from a list of which a part has arrived")
        func halfAList() throws {
            let stage = try Stage()
            let sender = try stage.servers.target.connect()
            let waiting = try stage.servers.target.connect()
            try waiting.send(command("BLPOP", "list", 0))
            usleep(50_000)
            #expect(
                try sender.call("SLOTSRESTORE-ASYNC", "list", "list", 60_000, 3, "a", "b") == acknowledgement(0, "2"))
            let popping = try stage.servers.target.connect()
            try popping.send(command("RPOP", "list"))
            #expect(throws: ConnectionFailure.self) { try waiting.receive(timeout: .milliseconds(100)) }
            #expect(throws: ConnectionFailure.self) { try popping.receive(timeout: .milliseconds(100)) }
            #expect(try sender.call("SLOTSRESTORE-ASYNC", "list", "list", 60_000, 3, "c") == acknowledgement(0, "3"))
            #expect(try sender.call("SLOTSRESTORE-ASYNC", "expire", "list", 0) == acknowledgement(0, "1"))
            #expect(try waiting.receive() == .array([.bulk("list"), .bulk("a")]))
            #expect(try popping.receive() == .bulk("c"))
            #expect(try stage.target.call("LRANGE", "list", 0, -1) == .array([.bulk("b")]))
        }

        @Test("Q16: a sender that goes away leaves what has come, which ends by itself, to everybody")
        func senderGone() throws {
            let stage = try Stage()
            let sender = try stage.servers.target.connect()
            try sender.call("SLOTSRESTORE-ASYNC", "list", "list", 500, 3, "a", "b")
            let popping = try stage.servers.target.connect()
            try popping.send(command("LPOP", "list"))
            #expect(throws: ConnectionFailure.self) { try popping.receive(timeout: .milliseconds(100)) }
            sender.close()
            #expect(try popping.receive() == .bulk("a"))
            try waitUntil { try stage.target.call("EXISTS", "list") == .integer(0) }
        }

        @Test("Q16: a sender that comes again begins anew, whatever became of its first connection")
        func senderAgain() throws {
            let stage = try Stage()
            let first = try stage.servers.target.connect()
            try first.call("SLOTSRESTORE-ASYNC", "hash", "hash", 60_000, 3, "a", "1")
            let second = try stage.servers.target.connect()
            #expect(try second.call("SLOTSRESTORE-ASYNC", "delete", "hash") == acknowledgement(0, "1"))
            #expect(
                try second.call("SLOTSRESTORE-ASYNC", "hash", "hash", 60_000, 3, "b", "2") == acknowledgement(0, "1"))
            #expect(try second.call("SLOTSRESTORE-ASYNC", "expire", "hash", 0) == acknowledgement(0, "1"))
            #expect(try stage.target.call("HSET", "hash", "c", "3") == .integer(1))
            #expect(try stage.target.call("HGETALL", "hash").items?.count == 4)
        }

        @Test("Q19: payloads with nonsense behind a right checksum are refused")
        func payloads() throws {
            let stage = try Stage()
            let cases: [(Bytes, String)] = [
                (DumpedValue.sealed([0, 1, 118, 0]), "invalid payload body"),
                (DumpedValue.sealed([0, 3, 118]), "invalid payload body"),
                (DumpedValue.sealed([1, 0]), "invalid payload body"),
                (DumpedValue.sealed([4, 0]), "invalid payload body"),
                (DumpedValue.sealed([99, 0]), "invalid payload type"), ([1, 2, 3], "invalid payload checksum"),
            ]
            for (payload, text) in cases {
                let connection = try stage.servers.target.connect()
                let reply = try connection.call("SLOTSRESTORE-ASYNC", "object", "key", 0, payload)
                #expect(reply == acknowledgement(-1, text))
                #expect(try connection.isClosed())
            }
            let connection = try stage.servers.target.connect()
            let reply = try connection.call("SLOTSRESTORE-ASYNC", "string", "key", Int.max, "value")
            #expect(reply == acknowledgement(-1, "invalid TTL value (TTL=\(Int.max))"))
            #expect(try stage.target.call("EXISTS", "key") == .integer(0))
        }

        @Test("Q20: the slot is counted before its keys go, so the last round finds nothing")
        func counting() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "{s}1", "v", "{s}2", "v", "{s}3", "v")
            let words = AsyncForm.slot.words("{s}1", to: stage.servers.target.endpoint, numkeys: 2)
            #expect(try stage.source.call(words) == .array([.integer(2), .integer(3)]))
            #expect(try stage.source.call(words) == .array([.integer(1), .integer(1)]))
            #expect(try stage.source.call(words) == .array([.integer(0), .integer(0)]))
        }

        @Test("Q21: a table that has lost most of its elements moves", arguments: ["hash", "set"])
        func sparseTable(_ type: String) throws {
            let stage = try Stage()
            let members = (0..<5000).map { Bytes(text: "member:\($0)") }
            let (add, remove) = type == "hash" ? ("HMSET", "HDEL") : ("SADD", "SREM")
            let words = type == "hash" ? members.flatMap { [$0, Bytes(text: "v")] } : members
            try stage.source.call([Bytes(text: add), Bytes(text: "key")] + words)
            try stage.source.call([Bytes(text: remove), Bytes(text: "key")] + members[5...])
            let move = AsyncForm.one.words("key", to: stage.servers.target.endpoint, maxbulks: 1, maxbytes: 1)
            #expect(try stage.source.call(move) == .integer(1))
            #expect(try stage.target.call(type == "hash" ? "HLEN" : "SCARD", "key") == .integer(5))
            #expect(try stage.source.call("EXISTS", "key") == .integer(0))
        }

        @Test(
            "Q25: a wrapper neither waits nor changes what its connection is",
            arguments: [
                ["MULTI"], ["EXEC"], ["DISCARD"], ["WATCH", "k"], ["UNWATCH"], ["SELECT", "1"], ["AUTH", "x"], ["QUIT"],
                ["SUBSCRIBE", "c"], ["PSUBSCRIBE", "c"], ["UNSUBSCRIBE"], ["PUNSUBSCRIBE"], ["MONITOR"],
                ["BLPOP", "k", "0"],
                ["BRPOP", "k", "0"], ["BRPOPLPUSH", "k", "l", "0"], ["SLOTSMGRT-ASYNC-FENCE"],
                ["SLOTSMGRTONE", "127.0.0.1", "1", "1", "k"], ["MIGRATE", "127.0.0.1", "1", "k", "0", "1"],
            ])
        func wrapperRefuses(_ words: [String]) throws {
            let stage = try Stage()
            try stage.source.call("SET", "hashkey", "value")
            let all = ["SLOTSMGRT-EXEC-WRAPPER", "hashkey"] + words
            #expect(
                try stage.source.call(all.map(\.argumentBytes))
                    == .array([.integer(-1), .error("ERR invalid command specified (\(words[0]))")]))
            #expect(try stage.source.call("GET", "hashkey") == .bulk("value"))
        }
    }
}
