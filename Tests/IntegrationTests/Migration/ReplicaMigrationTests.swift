import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// A server that gives keys away and becomes a replica: that ends it, and the replica gets what its master has.
    @Suite struct ReplicaMigrationTests {
        private static let keys = 20_000

        private func fill(_ connection: Connection) throws {
            for number in 0..<Self.keys { try connection.send(command("SET", "{k}\(number)", "v")) }
            for _ in 0..<Self.keys { #expect(try connection.receive() == .ok) }
        }

        private func words(_ isAsync: Bool, _ target: Endpoint) -> [Bytes] {
            isAsync
                ? AsyncForm.tagOne.words("{k}", to: target, timeout: 60_000)
                : MigrationForm.tagOne.words("{k}", to: target, timeout: 60_000)
        }

        /// Makes the source a replica and waits until it has what the master has.
        private func follow(_ source: ServerProcess, _ master: ServerProcess) throws {
            try source.wait(for: "master_link_status", "up")
            #expect(try source.digest() == master.digest())
            #expect(try source.connect().call("SLOTSCHECK") == .ok)
            #expect(try source.info("migration_pinned_keys") == 0)
            // Nothing is left of the migration.
            try source.connect().call("SLAVEOF", "NO", "ONE")
            #expect(try source.connect().call("SET", "{k}1", "new") == .ok)
        }

        @Test("while keys are under way", arguments: [false, true])
        func underWay(_ isAsync: Bool) throws {
            let servers = try (0..<3).map { _ in try ServerProcess.start() }
            let (source, target, master) = (servers[0], servers[1], servers[2])
            try master.connect().call("MSET", "{k}1", "master", "other", "master")
            let connection = try source.connect(timeout: .seconds(60))
            try fill(connection)
            let gate = try Gate(
                to: target.address, passing: isAsync ? Bytes.acknowledgedSelect.count : 0)
            try connection.send(encodeCommand(words(isAsync, gate.endpoint)))
            try gate.waitUntilHeld()
            #expect(try source.connect().call("SLAVEOF", master.host, master.port) == .ok)
            #expect(try connection.receive().errorText != nil)
            try follow(source, master)
            gate.stop()
            for server in servers { try server.stop() }
        }

        @Test("while the keys of a migration are being removed", arguments: [false, true])
        func removing(_ isAsync: Bool) throws {
            let servers = try (0..<3).map { _ in try ServerProcess.start() }
            let (source, target, master) = (servers[0], servers[1], servers[2])
            try master.connect().call("MSET", "{k}1", "master", "other", "master")
            let connection = try source.connect(timeout: .seconds(60))
            try fill(connection)
            let other = try source.connect()
            try connection.send(encodeCommand(words(isAsync, target.endpoint)))
            // Most often this comes in the middle of it.
            while try other.call("DBSIZE") == .integer(Self.keys) {}
            #expect(try other.call("SLAVEOF", master.host, master.port) == .ok)
            let reply = try connection.receive()
            #expect(reply == .integer(Self.keys) || reply.errorText != nil, "\(reply)")
            try follow(source, master)
            for server in servers { try server.stop() }
        }
    }
}
