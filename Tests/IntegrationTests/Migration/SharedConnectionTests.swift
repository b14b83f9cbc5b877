import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Several migrations over one connection at once, and migrations in a circle.
    @Suite(.freshServers) struct SharedConnectionTests {
        /// Begins a migration on a new connection and does not wait for its reply.
        private func begin(
            _ server: ServerProcess, _ key: String, _ endpoint: Endpoint, timeout: Int = 60_000
        ) throws -> Connection {
            let caller = try server.connect(timeout: .seconds(30))
            try caller.send(encodeCommand(MigrationForm.one.words(key, to: endpoint, timeout: timeout)))
            return caller
        }

        @Test("one of several is refused: every caller is told what happened to its key")
        func oneRefused() throws {
            let stage = try Stage()
            let keys = ["a", "b", "c", "d"]
            for refused in keys.indices {
                for key in keys { try stage.source.call("SET", key, "value") }
                let target = try ScriptedTarget { conversation in
                    try conversation.command()
                    try conversation.answer("+OK\r\n")
                    for _ in keys { try conversation.command() }
                    try conversation.answer(keys.indices.map { $0 == refused ? "-ERR no\r\n" : "+OK\r\n" }.joined())
                    try conversation.listen()
                }
                let callers = try keys.map { key in
                    let caller = try begin(stage.servers.source, key, target.endpoint)
                    try stage.servers.source.settle()
                    return caller
                }
                for (index, key) in keys.enumerated() {
                    let reply = try callers[index].receive()
                    if index < refused { #expect(reply == .integer(1), "\(key)") }
                    if index == refused { #expect(reply == .error("ERR error on slotsrestore, migration failed")) }
                    // The connection has ended; what the target said behind the refusal may count or not.
                    #expect(reply == .integer(1) || reply.errorText != nil, "\(reply)")
                    let isHere = try stage.source.call("EXISTS", key)
                    #expect(isHere == .integer(reply == .integer(1) ? 0 : 1), "\(key)")
                    #expect(try stage.source.call("SET", key, "new") == .ok)
                }
                target.stop()
            }
        }

        @Test("the connection ends under many callers: each key is here or there")
        func manyCut() throws {
            let stage = try Stage()
            let keys = (0..<50).map { "key:\($0)" }
            for bytes in [5, 6, 10, 100, 102, 104, 150, 250, 254] {
                try stage.empty()
                for key in keys { try stage.source.call("SET", key, "value") }
                let fault = Relay.Fault(effect: .cut, direction: .toClient, bytes: bytes)
                let relay = try Relay(to: stage.servers.target.address, fault: fault)
                let callers = try keys.map { try begin(stage.servers.source, $0, relay.endpoint) }
                for (key, caller) in zip(keys, callers) {
                    let reply = try caller.receive()
                    #expect(reply == .integer(1) || MigrationForm.one.isBrokenConnection(reply), "\(reply)")
                    let isHere = try stage.source.call("EXISTS", key)
                    #expect(isHere == .integer(reply == .integer(1) ? 0 : 1), "\(key), \(fault)")
                    if isHere == .integer(0) { #expect(try stage.target.call("GET", key) == .bulk("value")) }
                }
                relay.stop()
            }
            try stage.expectUndisturbed()
        }

        @Test("a writer of several keys waits for all that are under way")
        func severalPins() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "a", "old", "b", "old", "c", "old")
            let gates = try (0..<2).map { _ in try Gate(to: stage.servers.target.address) }
            let callers = try zip(["a", "b"], gates).map { key, gate in
                try begin(stage.servers.source, key, gate.endpoint)
            }
            for gate in gates { try gate.waitUntilHeld() }
            let writer = try stage.servers.source.connect()
            let flusher = try stage.servers.source.connect()
            try writer.send(command("MSET", "c", "new", "b", "new", "a", "new"))
            try stage.servers.source.settle()
            for (gate, caller) in zip(gates, callers) {
                for waiting in [writer, flusher] {
                    let (bytes, closed) = try waiting.receiveAll(quiet: .milliseconds(20))
                    #expect(bytes.isEmpty && !closed, "\(bytes.shown())")
                }
                #expect(try stage.source.call("GET", "c") == .bulk("old"))
                try flusher.send(command("FLUSHALL"))
                gate.open()
                #expect(try caller.receive() == .integer(1))
            }
            #expect(try writer.receive() == .ok)
            for _ in gates { #expect(try flusher.receive() == .ok) }
            try stage.expectUndisturbed()
        }

        @Test("two servers send each other the same key: both callers are answered, and the key is not lost")
        func circle() throws {
            let stage = try Stage()
            let servers = [stage.servers.source, stage.servers.target]
            for _ in 0..<20 {
                try stage.source.call("SET", "key", "source")
                try stage.target.call("SET", "key", "target")
                let callers = [
                    try begin(servers[0], "key", servers[1].endpoint, timeout: 200),
                    try begin(servers[1], "key", servers[0].endpoint, timeout: 200),
                ]
                for caller in callers {
                    let reply = try caller.receive()
                    let isEnd = reply.integerValue != nil || MigrationForm.one.isBrokenConnection(reply)
                    #expect(isEnd, "\(reply)")
                }
                let values = try [stage.source, stage.target].map { try $0.call("GET", "key") }
                #expect(values.contains { $0 == .bulk("source") || $0 == .bulk("target") }, "\(values)")
                for connection in [stage.source, stage.target] {
                    #expect(try connection.call("SET", "key", "new") == .ok)
                }
            }
            try stage.expectUndisturbed()
        }
    }
}
