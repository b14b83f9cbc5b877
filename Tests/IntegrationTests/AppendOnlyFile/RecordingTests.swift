import Foundation
import Testing

extension IntegrationTests.AppendOnlyFileTests {
    /// What is written: every change, in a form that means the same whenever it is read.
    @Suite struct RecordingTests {
        /// The commands of a file.
        private func commands(in file: URL) throws -> [String] {
            var parser = ReplyParser()
            parser.append(Bytes(try Data(contentsOf: file)))
            var commands: [String] = []
            while let (reply, _) = try parser.next() {
                commands.append((reply.items ?? []).compactMap(\.bytes?.latin1).joined(separator: " "))
            }
            #expect(parser.unread.isEmpty)
            return commands
        }

        @Test("commands are written as they came, or as what they did")
        func forms() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            let connection = try server.connect()
            let script: [[String]] = [
                ["SET", "a", "1"], ["GET", "a"], ["INCR", "a"], ["INCR", "nosuch", "x"], ["INCRBYFLOAT", "a", "0.5"],
                ["EXPIREAT", "a", "4102444800"], ["INCRBYFLOAT", "a", "1"], ["PERSIST", "a"], ["DEL", "nosuch"],
                ["SELECT", "3"], ["HINCRBYFLOAT", "h", "f", "1.25"], ["SADD", "s", "one"], ["SPOP", "s"],
                ["RPUSH", "l", "x", "y", "z"], ["BLPOP", "nosuch", "l", "0"], ["BRPOPLPUSH", "l", "m", "0"],
                ["SET", "n", "1", "PX", "0"], ["SET", "n", "1", "NX"], ["SET", "n", "2", "NX"],
                ["PEXPIREAT", "n", "1"],
                ["MULTI"], ["GET", "a"], ["EXEC"], ["MULTI"], ["SET", "t", "1"], ["SELECT", "0"], ["SET", "u", "2"],
                ["EXEC"], ["LPUSH", "a", "wrong type"],
            ]
            for words in script { try connection.call(words.map(\.argumentBytes)) }
            #expect(
                try commands(in: server.appendOnlyFile) == [
                    "SELECT 0", "SET a 1", "INCR a", "SET a 2.5", "PEXPIREAT a 4102444800000", "SET a 3.5",
                    "PEXPIREAT a 4102444800000", "PERSIST a", "SELECT 3", "HSET h f 1.25", "SADD s one", "DEL s",
                    "RPUSH l x y z", "LPOP l", "RPOPLPUSH l m", "SET n 1", "DEL n", "MULTI", "SET t 1", "SELECT 0",
                    "SET u 2", "EXEC",
                ])
            try server.stop()
        }

        @Test("an expired key is written as gone")
        func expiry() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            let connection = try server.connect()
            try connection.call("PSETEX", "a", 1, "v")
            try waitUntil { try commands(in: server.appendOnlyFile).contains("DEL a") }
            #expect(try connection.call("EXISTS", "a") == .integer(0))
            try server.stop()
        }

        @Test("a blocked client that is served is written as a pop", arguments: ["everysec", "always", "no"])
        func blockedClient(_ policy: String) throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": [policy]])
            let (waiting, pushing) = (try server.connect(), try server.connect())
            try waiting.send(command("BRPOP", "l", 0))
            try waitUntil { try server.information("blocked_clients") == "1" }
            try pushing.call("RPUSH", "l", "x", "y")
            #expect(try waiting.receive() == .array([.bulk("l"), .bulk("y")]))
            let expected = ["SELECT 0", "RPUSH l x y", "RPOP l"]
            try waitUntil { try commands(in: server.appendOnlyFile) == expected }
            try server.stop()
        }

        @Test("random commands of all types give the same data when they are read", arguments: ["everysec", "always"])
        func randomCommands(_ policy: String) throws {
            let seed = RandomPlay.seed
            let settings: KeyValuePairs = ["appendonly": ["yes"], "appendfsync": [policy]]
            let server = try ServerProcess.start(settings)
            for round in 0..<4 {
                try RandomPlay.run(on: server, seed: seed &+ UInt64(round), count: 2000)
                let digest = try server.digest()
                #expect(digest != String(repeating: "0", count: 40))
                #expect(try server.connect().call("DEBUG", "LOADAOF") == .ok, "DIFF_SEED=\(seed)")
                #expect(try server.digest() == digest, "DIFF_SEED=\(seed), round \(round)")
                try server.restart(abruptly: round % 2 == 1)
                #expect(try server.digest() == digest, "DIFF_SEED=\(seed), round \(round), after a restart")
            }
            try server.stop()
        }

        @Test("real servers read what is written", arguments: [Peer.redis2_8, .redis3_2])
        func realServers(_ peer: Peer) throws {
            let seed = RandomPlay.seed
            var generator = CommandGenerator(seed: seed, now: Int(Date().timeIntervalSince1970))
            let server = try ServerProcess.start(["appendonly": ["yes"]])
            let connection = try server.connect()
            for _ in 0..<5000 {
                for case .command(let words) in generator.next() { _ = try? connection.call(words) }
            }
            // What is over soon is over everywhere.
            usleep(1_100_000)
            let digest = try server.digest()
            try server.stop()
            let file = Bytes(try Data(contentsOf: server.appendOnlyFile))
            let reader = try ServerProcess.start(peer, ["appendonly": ["yes"]], files: ["appendonly.aof": file])
            for database in 0..<16 {
                // The real server removes expired keys when it sees them.
                try reader.connect().call("SELECT", database)
            }
            #expect(try reader.digest() == digest, "DIFF_SEED=\(seed)")
            reader.kill()
        }

        @Test("commands that Redis 2.8 does not have are written as what they did, in its words")
        func plainForms() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            let connection = try server.connect()
            let script: [[String]] = [
                ["SET", "a", "1", "EX", "4102444800"], ["SET", "a", "2", "KEEPTTL"], ["SET", "b", "1", "GET"],
                ["GETDEL", "b"], ["GETEX", "a", "PERSIST"], ["HSET", "h", "f", "1", "g", "2"],
                ["UNLINK", "h", "nosuch"],
                ["RPUSH", "l", "1", "2", "3", "4", "5", "6"], ["LMOVE", "l", "m", "LEFT", "RIGHT"],
                ["LMOVE", "l", "m", "RIGHT", "LEFT"], ["LPOP", "l", "2"], ["RPOP", "l", "1"],
                ["ZADD", "z", "CH", "1", "a", "2", "b"], ["ZADD", "z", "XX", "3", "b", "4", "nosuch"],
                ["ZADD", "z", "INCR", "0.5", "a"], ["ZRANGESTORE", "y", "z", "0", "0"], ["ZPOPMAX", "z"],
                ["BITFIELD", "bits", "SET", "u8", "#1", "65"], ["COPY", "z", "c", "REPLACE"],
            ]
            for words in script { try connection.call(words.map(\.argumentBytes)) }
            let now = try connection.call("DUMP", "z").bytes?.latin1 ?? ""
            let commands = try commands(in: server.appendOnlyFile).filter { !$0.hasPrefix("PEXPIREAT a ") }
            #expect(
                commands == [
                    "SELECT 0", "SET a 1", "SET a 2", "SET b 1", "DEL b", "PERSIST a", "HMSET h f 1 g 2",
                    "DEL h nosuch", "RPUSH l 1 2 3 4 5 6", "MULTI", "RPUSH m 1", "LPOP l", "EXEC",
                    "RPOPLPUSH l m", "LTRIM l 2 -1", "LTRIM l 0 -2", "ZADD z 1 a 2 b", "ZADD z 3 b",
                    "ZADD z 1.5 a", "MULTI", "DEL y", "ZADD y 1.5 a", "EXEC", "ZREM z b", "SETRANGE bits 1 A", "MULTI",
                    "DEL c", "RESTORE c 0 \(now)", "EXEC",
                ])
            try server.stop()
        }

        @Test("a real Redis 2.8 reads whatever later commands did")
        func laterCommands() throws {
            let seed = RandomPlay.seed
            let server = try ServerProcess.start(["appendonly": ["yes"]])
            try RandomPlay.run(on: server, seed: seed, count: 6000, templates: RandomPlay.later)
            usleep(1_100_000)
            let digest = try server.digest()
            #expect(try server.connect().call("DEBUG", "LOADAOF") == .ok, "DIFF_SEED=\(seed)")
            #expect(try server.digest() == digest, "DIFF_SEED=\(seed)")
            try server.stop()
            let file = Bytes(try Data(contentsOf: server.appendOnlyFile))
            let reader = try ServerProcess.start(.redis2_8, ["appendonly": ["yes"]], files: ["appendonly.aof": file])
            #expect(try reader.digest() == digest, "DIFF_SEED=\(seed)")
            reader.kill()
        }

        @Test("the figures of INFO")
        func figures() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            try server.connect().call("SET", "a", "1")
            let size = 23 + 27
            #expect(try Data(contentsOf: server.appendOnlyFile).count == size)
            let expected = [
                "aof_enabled": "1", "aof_current_size": "\(size)", "aof_base_size": "0", "aof_last_write_status": "ok",
                "aof_buffer_length": "0", "aof_delayed_fsync": "0",
            ]
            for (name, value) in expected { #expect(try server.information(name) == value, "\(name)") }
            try server.restart()
            #expect(try server.information("aof_base_size") == "\(size)")
            try server.stop()
        }

        @Test("SHUTDOWN leaves nothing behind", arguments: ["everysec", "no", "always"])
        func shutdown(_ policy: String) throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": [policy]])
            let connection = try server.connect()
            let value = String(repeating: "x", count: 10_000)
            for number in 0..<500 { try connection.send(command("SET", "key:\(number)", value)) }
            try connection.send(command("SHUTDOWN"))
            for _ in 0..<500 { #expect(try connection.receive() == .ok) }
            try waitUntil { !server.isRunning }
            try server.restart(abruptly: true)
            #expect(try server.connect().call("DBSIZE") == .integer(500))
            try server.stop()
        }
    }
}
