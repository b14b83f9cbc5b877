import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// What SLOTSMGRT-ASYNC-STATUS PROGRESS and INFO slots tell.
    @Suite(.freshServers) struct AsyncProgressTests {
        private func figures(_ connection: Connection) throws -> [String: Int] {
            let items = try connection.call("SLOTSMGRT-ASYNC-STATUS", "PROGRESS").items ?? []
            let texts = items.compactMap(\.bytes).map(\.latin1)
            let pairs = stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], Int(texts[$0 + 1]) ?? .min) }
            return Dictionary(uniqueKeysWithValues: pairs)
        }

        private func info(_ connection: Connection) throws -> [String: String] {
            let text = try connection.call("INFO", "slots").bytes?.latin1 ?? ""
            let pairs = text.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }

        @Test("a migration on its way, and who waits for it")
        func onTheWay() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "{p}1", "v", "{p}2", "v", "{p}3", "v")
            let client = try stage.servers.source.connect()
            let before = try figures(client)
            #expect(before["pinned_keys"] == 0 && before["waiting_writers"] == 0 && before["slot"] == nil)

            let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
            try stage.source.send(encodeCommand(AsyncForm.tagSlot.words("{p}1", to: gate.endpoint, numkeys: 10)))
            try gate.waitUntilHeld()
            let writer = try stage.servers.source.connect()
            try writer.send(command("SET", "{p}1", "new"))
            try waitUntil { try figures(client)["waiting_writers"] == 1 }
            let during = try figures(client)
            #expect(during["slot"] == slotNumber(of: "{p}1"))
            #expect(during["slot_keys"] == 3 && during["keys"] == 3 && during["keys_sent"] == 3)
            #expect(during["pinned_keys"] == 3)
            #expect(during["keys_moved"] == before["keys_moved"])
            #expect(during["bytes_moved", default: 0] > before["bytes_moved", default: 0])
            let text = try info(client)
            #expect(text["migrations_running"] == "1")
            #expect(text["migration_pinned_keys"] == "3")
            #expect(text["migration_db0"]?.contains("target=\(gate.endpoint.host):\(gate.endpoint.port),") == true)

            gate.open()
            #expect(try stage.source.receive() == AsyncForm.tagSlot.success(3))
            #expect(try writer.receive() == .ok)
            let after = try figures(client)
            #expect(after["keys_moved"] == before["keys_moved", default: 0] + 3)
            #expect(after["pinned_keys"] == 0 && after["waiting_writers"] == 0 && after["slot"] == nil)
            #expect(after["longest_wait_ms", default: -1] >= during["current_wait_ms", default: 0])
            #expect(try info(client)["migration_db0"] == nil)
            gate.stop()
        }

        @Test("a value that arrives in pieces")
        func arriving() throws {
            let stage = try Stage()
            let sender = try stage.servers.target.connect()
            try sender.call("SLOTSRESTORE-ASYNC", "list", "list", 60_000, 2, "a")
            #expect(try info(stage.target)["migration_arriving_values"] == "1")
            try sender.call("SLOTSRESTORE-ASYNC", "expire", "list", 0)
            #expect(try info(stage.target)["migration_arriving_values"] == "0")
        }

        @Test("what was sent in vain is answered for here, until the target has given it up")
        func leftovers() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "{l}1", "old", "{l}2", "old")
            // Everything arrives, and the connection ends before that is acknowledged.
            let gate = try Gate(to: stage.servers.target.address, passing: Bytes.acknowledgedSelect.count)
            let words = AsyncForm.tagSlot.words("{l}1", to: gate.endpoint)
            try stage.source.send(encodeCommand(words))
            try gate.waitUntilHeld()
            try waitUntil { try stage.target.call("DBSIZE") == .integer(2) }
            gate.cut()
            #expect(try stage.source.receive() == .error("ERR interrupted: connection closed"))
            // A proxy deletes both, and asks again for one.
            for key in ["{l}1", "{l}2"] {
                #expect(
                    try stage.source.call("SLOTSMGRT-EXEC-WRAPPER", key, "DEL", key)
                        == .array([.integer(2), .integer(1)]))
            }
            #expect(
                try stage.source.call("SLOTSMGRT-EXEC-WRAPPER", "{l}1", "GET", "{l}1")
                    == .array([.integer(2), .bulk(nil)]), "sent to the target, it would find what was deleted")
            // The next round of the dashboard takes the copies away.
            gate.open()
            #expect(try stage.source.call(words) == .array([.integer(0), .integer(0)]))
            #expect(try stage.target.call("DBSIZE") == .integer(0))
            #expect(
                try stage.source.call("SLOTSMGRT-EXEC-WRAPPER", "{l}1", "GET", "{l}1")
                    == .array([.integer(0), .error("ERR the specified key doesn't exist")]))
            gate.stop()
        }
    }
}
