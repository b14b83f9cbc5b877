import Foundation
import Testing

extension IntegrationTests.ScriptTests {
    /// Scripts that take longer than `lua-time-limit`.
    @Suite struct SlowScriptTests {
        /// Runs `body` while a script runs that does not end by itself, with another connection to the same server; the
        /// reply of the script is what it answers.
        static func whileRunning(
            _ script: String, on server: ServerProcess, _ body: (Connection) throws -> Void
        ) throws -> Reply {
            let caller = try server.connect(timeout: .seconds(60))
            let other = try server.connect(timeout: .seconds(60))
            try caller.send(encodeCommand(["EVAL", script, "0"].map { Bytes(text: $0) }))
            // It is running when others are told so.
            try waitUntil(within: .seconds(30)) { try isBusy(other.call("PING")) }
            try body(other)
            return try caller.receive(timeout: .seconds(60))
        }

        static func isBusy(_ reply: Reply) -> Bool { reply.errorText?.hasPrefix("BUSY ") == true }

        private static let killed = ": @user_script:1: Script killed by user with SCRIPT KILL... "

        @Test("others are told, the script can be killed, and everything goes on")
        func kill() throws {
            try withServer(["lua-time-limit": ["50"]]) { server in
                let reply = try Self.whileRunning("while true do redis.call('get', 'x') end", on: server) { other in
                    #expect(Self.isBusy(try other.call("SET", "x", "1")))
                    #expect(Self.isBusy(try other.call("EVAL", "return 1", "0")))
                    #expect(Self.isBusy(try other.call("SCRIPT", "EXISTS", "x")))
                    #expect(Self.isBusy(try other.call("SHUTDOWN", "SAVE")))
                    let later = try server.connect()
                    #expect(try later.call("AUTH", "x").errorText?.hasPrefix("ERR") == true)
                    #expect(try later.call("SCRIPT", "KILL") == .ok)
                }
                #expect(reply.errorText?.hasSuffix(Self.killed) == true)
                let connection = try server.connect()
                #expect(try connection.call("SCRIPT", "KILL").errorText?.hasPrefix("NOTBUSY ") == true)
                #expect(try connection.call("SET", "x", "1") == .ok)
                #expect(server.log.contains("Lua slow script detected"))
            }
        }

        @Test("a script that has changed something cannot be killed, and SHUTDOWN NOSAVE ends it")
        func afterWriting() throws {
            let server = try ServerProcess.start(["lua-time-limit": ["50"], "appendonly": ["yes"]])
            let caller = try server.connect(timeout: .seconds(60))
            let other = try server.connect(timeout: .seconds(60))
            try caller.call("SET", "before", "1")
            let script = "redis.call('set', 'x', 1) while true do end"
            try caller.send(encodeCommand(["EVAL", script, "0"].map { Bytes(text: $0) }))
            try waitUntil(within: .seconds(30)) { Self.isBusy(try other.call("PING")) }
            #expect(try other.call("SCRIPT", "KILL").errorText?.hasPrefix("UNKILLABLE ") == true)
            try other.send(encodeCommand(["SHUTDOWN", "NOSAVE"].map { Bytes(text: $0) }))
            try waitUntil(within: .seconds(30)) { !server.isRunning }
            // The half of the script that happened is nowhere.
            try server.restart(abruptly: true)
            let connection = try server.connect()
            #expect(try connection.call("EXISTS", "x") == .integer(0))
            #expect(try connection.call("GET", "before") == .bulk("1"))
            try server.stop()
        }

        @Test("SIGTERM ends a script that has changed nothing")
        func signal() throws {
            let server = try ServerProcess.start(["lua-time-limit": ["50"]])
            let caller = try server.connect(timeout: .seconds(60))
            let other = try server.connect(timeout: .seconds(60))
            try caller.send(encodeCommand(["EVAL", "while true do end", "0"].map { Bytes(text: $0) }))
            try waitUntil(within: .seconds(30)) { Self.isBusy(try other.call("PING")) }
            try server.stop()
        }

        @Test("requests behind the script in the same packet are executed after it")
        func pipeline() throws {
            try withServer(["lua-time-limit": ["50"]]) { server in
                let caller = try server.connect(timeout: .seconds(60))
                let other = try server.connect(timeout: .seconds(60))
                let large = String(repeating: "v", count: 50_000)
                try caller.send(
                    encodeCommand(["SET", "a", "1"].map { Bytes(text: $0) })
                        + encodeCommand(["EVAL", "while true do end", "0"].map { Bytes(text: $0) })
                        + encodeCommand(["GET", "a"].map { Bytes(text: $0) })
                        + encodeCommand(["SET", "b", large].map { Bytes(text: $0) }))
                try waitUntil(within: .seconds(30)) { Self.isBusy(try other.call("PING")) }
                // Read into the same memory, if the server did not take care.
                for size in [60_000, 64 * 1024 - 32, 200_000] {
                    for _ in 0..<10 {
                        #expect(Self.isBusy(try other.call("SET", "c", String(repeating: "x", count: size))))
                    }
                }
                try caller.send(encodeCommand(["STRLEN", "b"].map { Bytes(text: $0) }))
                #expect(try other.call("SCRIPT", "KILL") == .ok)
                #expect(try caller.receive() == .ok)
                #expect(try caller.receive().errorText?.hasSuffix(Self.killed) == true)
                #expect(try caller.receive() == .bulk("1"))
                #expect(try caller.receive() == .ok)
                #expect(try caller.receive() == .integer(50_000))
                #expect(try other.call("GET", "b") == .bulk(large))
            }
        }

        @Test("everybody is told, also those who asked in the same moment")
        func everybody() throws {
            try withServer(["lua-time-limit": ["50"]]) { server in
                let others = try (0..<20).map { _ in try server.connect(timeout: .seconds(60)) }
                for round in 0..<5 {
                    let caller = try server.connect(timeout: .seconds(60))
                    try caller.send(encodeCommand(["EVAL", "while true do end", "0"].map { Bytes(text: $0) }))
                    for (index, other) in others.enumerated() {
                        // More than is read at once, of some.
                        let size = index % 3 == round % 3 ? 200_000 : 10
                        let words = ["ECHO", String(repeating: "x", count: size)]
                        try other.send(encodeCommand(words.map { Bytes(text: $0) }))
                    }
                    for other in others {
                        // Whoever came first was served before the script.
                        let reply = try other.receive(timeout: .seconds(60))
                        #expect(Self.isBusy(reply) || reply.bytes != nil)
                    }
                    try waitUntil(within: .seconds(30)) { try others[round].call("SCRIPT", "KILL") == .ok }
                    #expect(try caller.receive(timeout: .seconds(60)).errorText?.hasSuffix(Self.killed) == true)
                }
            }
        }

        @Test("who waits for a list is served when the script is over")
        func blockedClient() throws {
            try withServer(["lua-time-limit": ["50"]]) { server in
                let waiting = try server.connect(timeout: .seconds(60))
                try waiting.send(encodeCommand(["BLPOP", "l", "0"].map { Bytes(text: $0) }))
                // Until there are as many clients: it cannot be killed once it has written.
                let script = """
                    redis.call('rpush', 'l', 'a')
                    while not redis.call('info', 'clients'):find('connected_clients:4', 1, true) do end
                    return redis.call('llen', 'l')
                    """
                var last: Connection?
                let reply = try Self.whileRunning(script, on: server) { other in
                    let refusal = try other.call("SCRIPT", "KILL")
                    #expect(refusal.errorText?.hasPrefix("UNKILLABLE") == true)
                    last = try server.connect()
                }
                #expect(last != nil)
                #expect(reply == .integer(1))
                #expect(try waiting.receive() == .array([.bulk("l"), .bulk("a")]))
            }
        }
    }
}
