import Foundation
import Testing

extension IntegrationTests.CommandTests {
    /// Large values are freed by the helper thread, whatever ends them.
    @Suite(.freshServers) struct FreeingTests {
        /// Makes `k` a hash of 20,000 fields of some 50 bytes.
        private func makeLarge(_ connection: Connection, key: String = "k") throws {
            for start in stride(from: 0, to: 20_000, by: 500) {
                let fields = (start..<start + 500).flatMap { ["field:\($0)", "a value of twenty-six bytes"] }
                _ = try connection.call((["HMSET", key] + fields).map { Bytes(text: $0) })
            }
        }

        private static let endings = [
            "DEL k", "SET k x", "RENAME other k", "RESTORE k 0 PAYLOAD REPLACE", "SUNIONSTORE k sets",
            "SINTERSTORE k nothing", "ZUNIONSTORE k 1 scores", "BITOP NOT k other", "SORT list STORE k",
            "PEXPIRE k 0", "PEXPIREAT k 1", "MOVE-AND-DELETE", "FLUSHDB", "FLUSHALL", "SLOTSDEL SLOT",
            "SLOTSMGRTTAGONE", "SLOTSMGRTTAGONE-ASYNC", "expire", "sweep", "evict", "MULTI",
        ]

        @Test("whatever ends a large value leaves it to the helper thread", arguments: endings)
        func ending(_ ending: String) throws {
            let servers = try Servers.shared()
            let connection = try servers.source.connect()
            for command in [
                "FLUSHALL", "CONFIG RESETSTAT", "SET other x", "SADD sets a", "ZADD scores 1 a", "RPUSH list 1 2",
            ] {
                try connection.say(command)
            }
            try connection.call("SELECT", 1)
            try makeLarge(connection)
            try connection.call("MOVE", "k", 0)
            try connection.call("SELECT", 0)
            try waitUntil { try servers.source.info("lazyfree_pending_objects") == 0 }
            let before = (
                memory: try servers.source.info("used_memory"), freed: try servers.source.info("lazyfreed_objects")
            )
            try end(ending, connection, servers)
            #expect(try servers.source.info("lazyfreed_objects") > before.freed)
            try waitUntil {
                try servers.source.info("lazyfree_pending_objects") == 0
                    && servers.source.info("used_memory") < before.memory - 1_000_000
            }
        }

        private func end(_ ending: String, _ connection: Connection, _ servers: Servers) throws {
            switch ending {
            case "RESTORE k 0 PAYLOAD REPLACE":
                let payload = try #require(try connection.call("DUMP", "other").bytes)
                #expect(try connection.call("RESTORE", "k", 0, payload, "REPLACE") == .ok)
            case "MOVE-AND-DELETE":
                try connection.say("MOVE k 5")
                try connection.say("SELECT 5")
                try connection.say("DEL k")
                try connection.say("SELECT 0")
            case "SLOTSDEL SLOT":
                let slot = try connection.call("SLOTSHASHKEY", "k").items?.first?.integerValue ?? -1
                try connection.call("SLOTSDEL", slot)
            case "SLOTSMGRTTAGONE":
                let reply = try connection.call("SLOTSMGRTTAGONE", "127.0.0.1", servers.target.port, 10_000, "k")
                #expect(reply == .integer(1))
            case "SLOTSMGRTTAGONE-ASYNC":
                let reply = try connection.call(
                    "SLOTSMGRTTAGONE-ASYNC", "127.0.0.1", servers.target.port, 10_000, 500, 1_000_000, "k")
                #expect(reply == .integer(1))
            case "expire":
                try connection.say("DEBUG SET-ACTIVE-EXPIRE 0")
                try connection.say("PEXPIRE k 1")
                usleep(3000)
                #expect(try connection.call("GET", "k") == .bulk(nil))
                try connection.say("DEBUG SET-ACTIVE-EXPIRE 1")
            case "sweep":
                try connection.say("PEXPIRE k 1")
                try waitUntil { try servers.source.info("expired_keys") == 1 }
            case "evict":
                try connection.say("CONFIG SET maxmemory-policy allkeys-random")
                try connection.say("CONFIG SET maxmemory 1")
                try connection.say("CONFIG SET maxmemory 0")
                #expect(try connection.call("DBSIZE") == .integer(0))
            case "MULTI":
                for command in ["MULTI", "DEL k", "SET k x", "EXEC"] { try connection.say(command) }
            default:
                try connection.say(ending)
            }
        }

        @Test("what is small, and what the server keeps, needs no thread")
        func small() throws {
            try withServer { server in
                let connection = try server.connect()
                for number in 0..<50 { try connection.call("HSET", "k", "field:\(number)", "value") }
                try connection.say("DEL k")
                try connection.call("SET", "long", String(repeating: "x", count: 1_000_000))
                try connection.say("SET long short")
                #expect(try server.info("lazyfreed_objects") == 0)
                #expect(try server.threads() == 1)
                try makeLarge(connection)
                try connection.say("DEL k")
                #expect(try server.info("lazyfreed_objects") == 1)
                // It waits ten seconds for more to do.
                #expect(try server.threads() == 2)
            }
        }

        @Test("a full server takes new keys after FLUSHALL, while the old ones are still to be freed")
        func fullServer() throws {
            try withServer(["maxmemory-policy": ["noeviction"]]) { server in
                let connection = try server.connect()
                try connection.call("DEBUG", "POPULATE", 500_000)
                let used = try server.info("used_memory")
                try connection.call("CONFIG", "SET", "maxmemory", used / 2)
                #expect(try connection.call("SET", "k", "v").errorText?.hasPrefix("OOM") == true)
                try connection.send(
                    encodeCommand([Bytes(text: "FLUSHALL")])
                        + encodeCommand(["SET", "k", "v"].map { Bytes(text: $0) }))
                #expect(try connection.receive() == .ok)
                #expect(try connection.receive() == .ok)
            }
        }
    }
}

extension Connection {
    /// Sends a command of words between blanks; an error is a failure.
    fileprivate func say(_ command: String) throws {
        let reply = try call(command.split(separator: " ").map { Bytes(text: String($0)) })
        if let text = reply.errorText { throw KitFailure("\(command): \(text)") }
    }
}

extension ServerProcess {
    fileprivate func threads() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID ?? 0)/task").count
    }
}
