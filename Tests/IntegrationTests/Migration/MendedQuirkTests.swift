import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// What the old servers did wrong and this one does not.
    @Suite(.freshServers) struct MendedQuirkTests {
        @Test("SLOTSDEL with 2,000 arguments, and no key of other slots goes")
        func manySlots() throws {
            let stage = try Stage()
            for number in 0..<3000 { try stage.source.send(command("SET", "key:\(number)", number)) }
            for _ in 0..<3000 { #expect(try stage.source.receive() == .ok) }
            let slots = (0..<2000).map { $0 % 1000 }
            let words = ["SLOTSDEL"] + slots.map(String.init)
            let reply = try stage.source.call(words.map(\.argumentBytes))
            #expect(reply == .array(slots.map { .array([.integer($0), .integer(0)]) }))
            let left = (0..<3000).count { slotNumber(of: "key:\($0)") >= 1000 }
            #expect(try stage.source.call("DBSIZE") == .integer(left))
            #expect(try stage.source.call("SLOTSCHECK") == .ok)
        }

        @Test("SLOTSINFO with a count that would overflow", arguments: [1024, 2_147_483_646, 2_147_483_647])
        func largeCount(_ count: Int) throws {
            let stage = try Stage()
            for key in ["a", "b", "{}"] { try stage.source.call("SET", key, "value") }
            let pair = { (slot: Int) in Reply.array([.integer(slot), .integer(1)]) }
            #expect(try stage.source.call("SLOTSINFO", 1, count) == .array([pair(579), pair(1017)]))
            #expect(try stage.source.call("SLOTSINFO", 1023, count) == .array([]))
            #expect(try stage.source.call("SLOTSINFO", 0, count) == .array([pair(0), pair(579), pair(1017)]))
        }

        @Test("passwords: who is refused leaves nothing at the target")
        func passwords() throws {
            let auth = "ERR error on slotsrestore, auth failed"
            let select = "ERR error on slotsrestore, select failed"
            let cases: [(own: String, target: String, failure: String?)] = [
                ("secret", "", auth), ("", "secret", select), ("secret", "other", auth), ("secret", "secret", nil),
                ("", "", nil),
            ]
            for (own, other, failure) in cases {
                let servers = try [own, other].map { try ServerProcess.start(["requirepass": [$0]]) }
                let connections = try zip(servers, [own, other]).map { server, password in
                    let connection = try server.connect()
                    if !password.isEmpty { #expect(try connection.call("AUTH", password) == .ok) }
                    return connection
                }
                for form in MigrationForm.slots {
                    try connections[0].call("SET", "key", "value")
                    let reply = try connections[0].call(form.words("key", to: servers[1].endpoint))
                    #expect(reply == failure.map { .error($0) } ?? form.success(1), "\(form.rawValue) \(own) \(other)")
                    #expect(try connections[0].call("DBSIZE") == .integer(failure == nil ? 0 : 1))
                    #expect(try connections[1].call("DBSIZE") == .integer(failure == nil ? 1 : 0))
                    try connections[1].call("FLUSHALL")
                }
                for server in servers { try server.stop() }
            }
        }

        @Test("the target restarts between two migrations", arguments: [false, true])
        func restartedTarget(_ abruptly: Bool) throws {
            let stage = try Stage()
            let target = try ServerProcess.start()
            for form in MigrationForm.allCases {
                for _ in 0..<2 {
                    try stage.source.call("SET", "key", "value")
                    #expect(try stage.source.call(form.words("key", to: target.endpoint)) == form.success(1))
                }
                try target.restart(abruptly: abruptly)
                try stage.source.call("SET", "key", "value")
                #expect(try stage.source.call(form.words("key", to: target.endpoint)) == form.success(1), "\(form)")
                #expect(try target.connect().call("GET", "key") == .bulk("value"))
                #expect(try stage.source.call("EXISTS", "key") == .integer(0))
            }
            try target.stop()
        }

        @Test("the target is the source itself", arguments: MigrationForm.slots)
        func selfTarget(_ form: MigrationForm) throws {
            let stage = try Stage()
            let port = stage.servers.source.port
            for host in ["127.0.0.1", "localhost", Socket.freshLoopbackHost()] {
                try stage.source.call("MSET", "{tag}1", "value", "{tag}2", "value")
                let words = form.words("{tag}1", to: Endpoint(host: host, port: port), timeout: 300)
                #expect(try stage.source.call(words) == form.readFailure, "\(host)")
                #expect(try stage.source.call("SET", "{tag}1", "newer") == .ok)
                usleep(400_000)
                #expect(try stage.source.call("MGET", "{tag}1", "{tag}2") == .array([.bulk("newer"), .bulk("value")]))
            }
            // Through a door that hides it, nothing is lost either.
            let relay = try Relay(to: stage.servers.source.address)
            let reply = try stage.source.call(form.words("{tag}1", to: relay.endpoint, timeout: 300))
            #expect(reply.errorText != nil, "\(reply)")
            #expect(try stage.source.call("SET", "{tag}1", "newest") == .ok)
            usleep(400_000)
            #expect(try stage.source.call("MGET", "{tag}1", "{tag}2") == .array([.bulk("newest"), .bulk("value")]))
            relay.stop()
            try stage.expectUndisturbed()
        }

        @Test("a group of 400,000 keys moves whole")
        func hugeGroup() throws {
            let stage = try Stage()
            let count = 400_000
            let perCommand = 1000
            for start in stride(from: 0, to: count, by: perCommand) {
                let pairs = (start..<start + perCommand).flatMap { [Bytes(text: "{g}\($0)"), Bytes(text: "\($0)")] }
                try stage.source.send(encodeCommand([Bytes(text: "MSET")] + pairs))
            }
            for _ in 0..<(count / perCommand) { #expect(try stage.source.receive() == .ok) }
            #expect(try stage.source.call("DBSIZE") == .integer(count))
            let words = MigrationForm.tagOne.words("{g}", to: stage.servers.target.endpoint, timeout: 120_000)
            #expect(try stage.source.call(words, timeout: .seconds(120)) == .integer(count))
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            #expect(try stage.target.call("DBSIZE") == .integer(count))
            for number in stride(from: 0, to: count, by: 9973) {
                #expect(try stage.target.call("GET", "{g}\(number)") == .bulk("\(number)"))
            }
            #expect(try stage.source.call("SLOTSCHECK") == .ok)
            #expect(try stage.target.call("SLOTSCHECK") == .ok)
        }

        @Test("payloads with nonsense behind a right checksum are refused, and nothing changes")
        func payloads() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let format = "ERR bad data format"
            let ttl = "ERR invalid ttl value, must be >= 0"
            let value = DumpedValue.payload(ofString: Bytes(text: "v"))
            let cases: [(String, any CommandArgument, Bytes, String)] = [
                ("a byte behind the value", 0, DumpedValue.sealed([0, 1, 118, 0]), format),
                ("a length that runs into the footer", 0, DumpedValue.sealed([0, 3, 118]), format),
                ("a length beyond everything", 0, DumpedValue.sealed([0, 0x80, 255, 255, 255, 255, 118]), format),
                ("an empty list", 0, DumpedValue.sealed([1, 0]), format),
                ("an empty set", 0, DumpedValue.sealed([2, 0]), format),
                ("an empty sorted set", 0, DumpedValue.sealed([3, 0]), format),
                ("an empty hash", 0, DumpedValue.sealed([4, 0]), format),
                ("a type that is none", 0, DumpedValue.sealed([99, 0]), format),
                ("no body", 0, DumpedValue.sealed([]), format),
                ("a length and nothing", 0, DumpedValue.sealed([0]), format),
                ("a ttl that overflows", Int.max, value, ttl),
                ("a ttl that overflows by a little", Int.max - 1000, value, ttl),
                ("a negative ttl", -1, value, ttl),
                ("a ttl that is no number", "x", value, "ERR value is not an integer or out of range"),
            ]
            for (comment, time, payload, expected) in cases {
                #expect(try stage.source.call("SLOTSRESTORE", "key", time, payload) == .error(expected), "\(comment)")
                // A good triple before it changes nothing either.
                let reply = try stage.source.call("SLOTSRESTORE", "good", 0, value, "key", time, payload)
                #expect(reply == .error(expected), "\(comment)")
                #expect(try stage.source.call("GET", "key") == .bulk("value"), "\(comment)")
                #expect(try stage.source.call("DBSIZE") == .integer(1), "\(comment)")
            }
            #expect(try stage.source.call("SLOTSRESTORE", "key", 100_000, value) == .ok)
            #expect(try stage.source.call("GET", "key") == .bulk("v"))
        }
    }
}
