import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Clients that come, go and compete while a key is under way, and what else may happen to it.
    @Suite(.freshServers) struct PinnedKeyClientTests {
        private func prepare() throws -> Stage {
            let stage = try Stage()
            #expect(try stage.source.call("MSET", "key", "old", "other", "value") == .ok)
            return stage
        }

        /// Begins a migration on a new connection and does not wait for its reply.
        private func begin(
            _ stage: Stage, _ endpoint: Endpoint, _ form: MigrationForm = .one, key: String = "key"
        ) throws -> Connection {
            let caller = try stage.servers.source.connect(timeout: .seconds(30))
            try caller.send(encodeCommand(form.words(key, to: endpoint, timeout: 60_000)))
            return caller
        }

        @Test(
            "of two callers that move the same key the second waits and moves nothing",
            arguments: MigrationForm.allCases, MigrationForm.allCases)
        func twoCallers(_ first: MigrationForm, _ second: MigrationForm) throws {
            let stage = try prepare()
            for isSameTarget in [true, false] {
                let key = "{tag}\(isSameTarget)"
                try stage.source.call("SET", key, "value")
                let gate = try Gate(to: stage.servers.target.address)
                let relay = try Relay(to: stage.servers.target.address)
                let one = try begin(stage, gate.endpoint, first, key: key)
                try gate.waitUntilHeld()
                let other = try begin(stage, isSameTarget ? gate.endpoint : relay.endpoint, second, key: key)
                try stage.servers.source.settle()
                let (bytes, closed) = try other.receiveAll(quiet: .milliseconds(20))
                #expect(bytes.isEmpty && !closed, "\(bytes.shown())")
                gate.open()
                #expect(try one.receive() == first.success(1))
                #expect(try other.receive() == second.success(0))
                #expect(try stage.target.call("GET", key) == .bulk("value"))
                try stage.target.call("DEL", key)
                relay.stop()
                gate.stop()
            }
        }

        @Test("if the first of two callers fails the second moves the key")
        func secondCallerMoves() throws {
            let stage = try prepare()
            let gate = try Gate(to: stage.servers.target.address)
            let one = try begin(stage, gate.endpoint)
            try gate.waitUntilHeld()
            let other = try begin(stage, stage.servers.target.endpoint)
            let writer = try stage.servers.source.connect()
            try stage.servers.source.settle()
            try writer.send(command("APPEND", "key", "+"))
            try stage.servers.source.settle()
            gate.cut()
            #expect(try one.receive() == MigrationForm.one.readFailure)
            #expect(try other.receive() == .integer(1))
            // It came behind the second caller.
            #expect(try writer.receive() == .integer(1))
            #expect(try stage.target.call("GET", "key") == .bulk("old"))
        }

        @Test("a waiting client that leaves or is killed harms nobody", arguments: [false, true])
        func waitingClientLeaves(_ moves: Bool) throws {
            let stage = try prepare()
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try begin(stage, gate.endpoint)
            try gate.waitUntilHeld()
            var writers = try (0..<9).map { _ in try stage.servers.source.connect() }
            for (number, writer) in writers.enumerated() {
                try writer.call("CLIENT", "SETNAME", "writer\(number)")
                try writer.send(
                    command("SET", "written", number) + command("APPEND", "key", number)
                        + command("SET", "behind", number))
                try stage.servers.source.settle()
            }
            writers[1].close()
            writers[4].close(abruptly: true)
            writers[4] = try stage.servers.source.connect()
            let clients = try stage.source.call("CLIENT", "LIST").bytes?.latin1 ?? ""
            let victim = try #require(clients.split(separator: "\n").first { $0.contains("name=writer7 ") })
            let address = try #require(victim.split(separator: " ").first { $0.hasPrefix("addr=") }).dropFirst(5)
            #expect(try stage.source.call("CLIENT", "KILL", String(address)) == .ok)
            try stage.servers.source.settle()
            if moves { gate.open() } else { gate.cut() }
            #expect(try caller.receive() == (moves ? .integer(1) : MigrationForm.one.readFailure))
            var last = 0
            for number in [0, 2, 3, 5, 6, 8] {
                #expect(try writers[number].receive() == .ok)
                let length = try #require(try writers[number].receive().integerValue)
                #expect(length > last)
                last = length
                #expect(try writers[number].receive() == .ok)
            }
            #expect(try stage.source.call("GET", "behind") == .bulk("8"))
            try stage.expectUndisturbed()
        }

        @Test("a migration ends well without its caller", arguments: [false, true])
        func callerLeaves(_ abruptly: Bool) throws {
            let stage = try prepare()
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try begin(stage, gate.endpoint)
            try gate.waitUntilHeld()
            let writer = try stage.servers.source.connect()
            try writer.send(command("APPEND", "key", "+"))
            caller.close(abruptly: abruptly)
            try stage.servers.source.settle()
            #expect(try writer.receiveAll(quiet: .milliseconds(50)).bytes.isEmpty)
            gate.open()
            #expect(try writer.receive() == .integer(1))
            #expect(try stage.target.call("GET", "key") == .bulk("old"))
            try stage.expectUndisturbed()
        }

        @Test("a key that expires on its way")
        func expiry() throws {
            let stage = try prepare()
            for readsMeanwhile in [false, true] {
                for moves in [false, true] {
                    try stage.source.call("SET", "key", "old", "PX", 200)
                    let gate = try Gate(to: stage.servers.target.address)
                    let caller = try begin(stage, gate.endpoint)
                    // On a slow machine it may have expired before; then nothing is under way.
                    usleep(250_000)
                    if readsMeanwhile { #expect(try stage.source.call("GET", "key") == .bulk(nil)) }
                    // Time for the server to look for expired keys by itself.
                    usleep(250_000)
                    let writer = try stage.servers.source.connect()
                    try writer.send(command("APPEND", "key", "+"))
                    if moves { gate.open() } else { gate.cut() }
                    let reply = try caller.receive()
                    #expect(reply.integerValue != nil || MigrationForm.one.isBrokenConnection(reply), "\(reply)")
                    #expect(try writer.receive() == .integer(1))
                    #expect(try stage.source.call("GET", "key") == .bulk("+"))
                    #expect(try stage.target.call("GET", "key") == .bulk(nil))
                    try stage.source.call("DEL", "key")
                    gate.stop()
                }
            }
            try stage.expectUndisturbed()
        }

        @Test("memory runs out while a key is on its way")
        func eviction() throws {
            let stage = try prepare()
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try begin(stage, gate.endpoint)
            try gate.waitUntilHeld()
            try stage.source.call("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
            try stage.source.call("CONFIG", "SET", "maxmemory", 1)
            let refusal = try stage.source.call("SET", "third", "value")
            #expect(refusal.errorText?.hasPrefix("OOM ") == true, "\(refusal)")
            try stage.source.call("CONFIG", "SET", "maxmemory", 0)
            gate.open()
            #expect(try caller.receive() == .integer(1))
            #expect(try stage.target.call("GET", "key") == .bulk("old"))
            #expect(try stage.source.call("EXISTS", "key") == .integer(0))
            try stage.expectUndisturbed()
        }

        @Test("who waits for a key is not idle: `timeout` does not count")
        func timeout() throws {
            let stage = try prepare()
            let source = try ServerProcess.start(["timeout": ["1"]])
            try source.connect().call("SET", "key", "old")
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try source.connect()
            try caller.send(encodeCommand(MigrationForm.one.words("key", to: gate.endpoint, timeout: 60_000)))
            try gate.waitUntilHeld()
            let writer = try source.connect()
            try writer.send(command("APPEND", "key", "+"))
            let (bytes, closed) = try writer.receiveAll(quiet: .milliseconds(3500))
            #expect(bytes.isEmpty && !closed)
            gate.open()
            #expect(try caller.receive() == .integer(1))
            if !closed { #expect(try writer.receive() == .integer(1)) }
            try source.stop()
        }

        @Test("the server is asked to end while a key is on its way")
        func shutdown() throws {
            let stage = try prepare()
            let source = try ServerProcess.start()
            let own = try source.connect()
            try own.call("SET", "key", "value")
            let gate = try Gate(to: stage.servers.target.address)
            try own.send(encodeCommand(MigrationForm.one.words("key", to: gate.endpoint, timeout: 60_000)))
            try gate.waitUntilHeld()
            let writer = try source.connect()
            try writer.send(command("SET", "key", "new"))
            try source.settle()
            // Throws unless it ends with status 0.
            try source.stop()
            #expect(try writer.isClosed())
        }

        @Test("two migrations over one connection at once, and a timeout of the first")
        func sharedConnection() throws {
            let stage = try prepare()
            let gate = try Gate(to: stage.servers.target.address)
            let one = try begin(stage, gate.endpoint)
            try gate.waitUntilHeld()
            let other = try stage.servers.source.connect()
            try other.send(encodeCommand(MigrationForm.one.words("other", to: gate.endpoint, timeout: 300)))
            // The answer to the second cannot come before that to the first.
            #expect(try other.receive() == MigrationForm.one.readFailure)
            #expect(try stage.source.call("GET", "other") == .bulk("value"))
            #expect(try stage.source.call("SET", "other", "new") == .ok)
            gate.open()
            let reply = try one.receive()
            #expect(reply == .integer(1) || MigrationForm.one.isBrokenConnection(reply), "\(reply)")
            #expect(try stage.source.call("EXISTS", "key") == .integer(reply == .integer(1) ? 0 : 1))
            #expect(try stage.target.call("GET", "key") == .bulk("old"))
            #expect(try stage.source.call(MigrationForm.one.words("other", to: gate.endpoint)) == .integer(1))
            #expect(try stage.target.call("GET", "other") == .bulk("new"))
        }
    }
}
