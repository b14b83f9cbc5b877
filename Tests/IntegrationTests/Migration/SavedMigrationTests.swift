import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Migrations while a snapshot is written: each key is in the snapshot as it was when that began, and the long ones
    /// go when they have been written.
    @Suite struct SavedMigrationTests {
        private static let elements = 200_000

        private func fill(_ connection: Connection) throws {
            let members = (0..<Self.elements).map { Bytes(text: "member:\($0)") }
            for name in ["RPUSH", "SADD"] {
                try connection.call([Bytes(text: name), Bytes(text: "{k}\(name)")] + members)
            }
            for number in 0..<100 { try connection.call("SET", "{k}\(number)", "value") }
        }

        private func words(_ form: Form, _ target: ServerProcess) -> [Bytes] {
            switch form {
            case .sync: MigrationForm.tagSlot.words("{k}", to: target.endpoint, timeout: 60_000)
            case .async: AsyncForm.tagSlot.words("{k}", to: target.endpoint, timeout: 60_000)
            }
        }

        enum Form: CaseIterable { case sync, async }

        private func expectSaved(_ source: ServerProcess, _ target: ServerProcess, _ digest: String) throws {
            #expect(try source.connect().call("DBSIZE") == .integer(0))
            #expect(try target.digest() == digest)
            try source.wait(for: "rdb_bgsave_in_progress", "0")
            try source.restart()
            #expect(try source.digest() == digest, "the snapshot has what there was")
            for server in [source, target] { try server.stop() }
        }

        @Test("keys move while a snapshot is to write them", arguments: Form.allCases)
        func during(_ form: Form) throws {
            let (source, target) = (try ServerProcess.start(), try ServerProcess.start())
            let connection = try source.connect(timeout: .seconds(60))
            try fill(connection)
            let digest = try source.digest()
            try connection.send(command("BGSAVE") + encodeCommand(words(form, target)))
            #expect(try connection.receive() == .status("Background saving started"))
            let reply = try connection.receive()
            #expect(reply.items?.first == .integer(102), "\(reply)")
            try expectSaved(source, target, digest)
        }

        @Test("a snapshot begins while keys are under way", arguments: Form.allCases)
        func before(_ form: Form) throws {
            let (source, target) = (try ServerProcess.start(), try ServerProcess.start())
            let connection = try source.connect(timeout: .seconds(60))
            try fill(connection)
            let digest = try source.digest()
            try connection.send(encodeCommand(words(form, target)))
            let other = try source.connect()
            var isUnderWay = false
            while !isUnderWay, try other.call("EXISTS", "{k}SADD") == .integer(1) {
                isUnderWay = try source.info("migration_pinned_keys") > 0
            }
            try other.call("BGSAVE")
            let reply = try connection.receive()
            #expect(reply.items?.first == .integer(102), "\(reply)")
            #expect(try source.connect().call("DBSIZE") == .integer(0))
            #expect(try target.digest() == digest)
            for server in [source, target] { try server.stop() }
        }

        @Test("what was acknowledged goes, though the connection ends while it does")
        func endedWhileRemoving() throws {
            let source = try ServerProcess.start()
            let connection = try source.connect(timeout: .seconds(60))
            let count = 10_000
            for number in 0..<count { try connection.send(command("SET", "{k}\(number)", "v")) }
            for _ in 0..<count { #expect(try connection.receive() == .ok) }
            let target = try ScriptedTarget { conversation in
                for _ in 0..<1 + 2 * count { try conversation.acknowledge() }
            }
            defer { target.stop() }
            let words = AsyncForm.tagOne.words("{k}", to: target.endpoint, timeout: 60_000)
            #expect(try connection.call(words) == .integer(count))
            #expect(try connection.call("DBSIZE") == .integer(0))
            // Who asks for one of them is sent to the target.
            #expect(
                try connection.call("SLOTSMGRT-EXEC-WRAPPER", "{k}1", "GET", "{k}1")
                    == .array([.integer(0), .error("ERR the specified key doesn't exist")]))
            try source.stop()
        }
    }
}
