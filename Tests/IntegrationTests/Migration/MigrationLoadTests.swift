import Foundation
import Synchronization
import Testing
import TestSupport

extension IntegrationTests.MigrationFaultTests {
    /// Migration while clients work: no write is lost, and nobody else waits.
    @Suite(.freshServers) struct MigrationLoadTests {
        @Test("no write is lost while the groups of a slot move under load")
        func lostUpdates() throws {
            let stage = try Stage()
            let slot = slotNumber(of: "tag0")
            let tags = (0...).lazy.map { "tag\($0)" }.filter { slotNumber(of: $0) == slot }.prefix(6)
            let keys = tags.flatMap { tag in (0..<50).map { "{\(tag)}:\($0)" } }
            for key in keys { try stage.source.call("SET", key, 0) }
            let servers = stage.servers
            let route = SlotProxy.Route()
            let done = Atomic(0)
            let clients = 6
            let requests = 600

            // What a dashboard does, once a third of the work is done.
            let dashboard = Running {
                while done.load(ordering: .relaxed) < clients * requests / 3 { usleep(200) }
                route.startMoving()
                let connection = try servers.source.connect(timeout: .seconds(60))
                let words = MigrationForm.tagSlot.words("tag0", to: servers.target.endpoint)
                while true {
                    let reply = try connection.call(words)
                    guard let left = reply.items?.last?.integerValue else {
                        throw KitFailure("SLOTSMGRTTAGSLOT: \(reply)")
                    }
                    if left == 0 { return }
                }
            }
            let counts = try concurrently(clients) { client in
                var random = SeededGenerator(seed: UInt64(client))
                let proxy = try SlotProxy(servers, route)
                var counts: [String: Int] = [:]
                for _ in 0..<requests {
                    defer { done.add(1, ordering: .relaxed) }
                    let key = random.pick(keys)
                    let reply = try proxy.call("INCR", key, key: key)
                    guard reply.integerValue != nil else { throw KitFailure("INCR: \(reply)") }
                    counts[key, default: 0] += 1
                }
                return counts
            }
            try dashboard.value()
            let expected = counts.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            for key in keys {
                #expect(try stage.target.call("GET", key) == .bulk(String(expected[key, default: 0])), "\(key)")
            }
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            #expect(try stage.target.call("DBSIZE") == .integer(keys.count))
            #expect(try stage.target.call("SLOTSCHECK") == .ok)
        }

        /// Writes keys with pipelined MSETs.
        private func fill(_ connection: Connection, _ keys: [String]) throws {
            let commands = stride(from: 0, to: keys.count, by: 1000).map { start in
                let pairs = keys[start..<min(start + 1000, keys.count)].flatMap { [Bytes(text: $0), Bytes(text: "v")] }
                return encodeCommand([Bytes(text: "MSET")] + pairs)
            }
            for command in commands {
                try connection.send(command)
                #expect(try connection.receive() == .ok)
            }
        }

        /// Has a bystander ask for PONG until the work has ended; how often it got one.
        private func pings(_ server: ServerProcess, during work: Running<Void>) throws -> Int {
            let bystander = try server.connect(timeout: .seconds(60))
            var count = 0
            while !work.isEnded {
                #expect(try bystander.call("PING") == .status("PONG"))
                count += 1
            }
            return count
        }

        @Test("a bystander is answered while 50,000 keys move one by one")
        func bystander() throws {
            let stage = try Stage()
            let keys = (0..<50_000).map { "key:\($0)" }
            try fill(stage.source, keys)
            let servers = stage.servers
            let work = Running {
                let caller = try servers.source.connect(timeout: .seconds(60))
                for start in stride(from: 0, to: keys.count, by: 1000) {
                    let batch = keys[start..<start + 1000]
                    try caller.send(
                        batch.flatMap { encodeCommand(MigrationForm.one.words($0, to: servers.target.endpoint)) })
                    for key in batch {
                        let reply = try caller.receive()
                        guard reply == .integer(1) else { throw KitFailure("\(key): \(reply)") }
                    }
                }
            }
            #expect(try pings(servers.source, during: work) > 0)
            try work.value()
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            #expect(try stage.target.call("DBSIZE") == .integer(keys.count))
        }

        @Test("a bystander is answered while a group of 50,000 keys moves")
        func bystanderOfGroup() throws {
            let stage = try Stage()
            let keys = (0..<50_000).map { "{group}:\($0)" }
            try fill(stage.source, keys)
            let servers = stage.servers
            let work = Running {
                let caller = try servers.source.connect(timeout: .seconds(60))
                let words = MigrationForm.tagSlot.words("{group}", to: servers.target.endpoint, timeout: 60_000)
                let reply = try caller.call(words)
                guard reply == MigrationForm.tagSlot.success(keys.count) else { throw KitFailure("\(reply)") }
            }
            #expect(try pings(servers.source, during: work) > 0)
            try work.value()
            #expect(try stage.source.call("DBSIZE") == .integer(0))
            #expect(try stage.target.call("DBSIZE") == .integer(keys.count))
        }

        @Test("many callers move a slot together")
        func manyCallers() throws {
            let stage = try Stage()
            let slot = slotNumber(of: "tag0")
            let tags = (0...).lazy.map { "tag\($0)" }.filter { slotNumber(of: $0) == slot }.prefix(20)
            let keys = tags.flatMap { tag in ["plain:\(tag)", tag, "{\(tag)}1", "{\(tag)}2"] }
            let inSlot = keys.filter { slotNumber(of: $0) == slot }
            try fill(stage.source, keys)
            let servers = stage.servers
            let moved = try concurrently(8) { number in
                let caller = try servers.source.connect(timeout: .seconds(60))
                let form: MigrationForm = number % 2 == 0 ? .tagSlot : .slot
                var moved = 0
                while true {
                    let reply = try caller.call(form.words("tag0", to: servers.target.endpoint))
                    guard let parts = reply.items?.compactMap(\.integerValue), parts.count == 2 else {
                        throw KitFailure("\(reply)")
                    }
                    moved += parts[0]
                    if parts[1] == 0 { return moved }
                }
            }
            #expect(moved.reduce(0, +) == inSlot.count)
            #expect(try stage.target.call("DBSIZE") == .integer(inSlot.count))
            #expect(try stage.source.call("DBSIZE") == .integer(keys.count - inSlot.count))
        }
    }
}
