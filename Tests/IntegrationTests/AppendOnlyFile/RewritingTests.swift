import Foundation
import Testing
import TestSupport

extension IntegrationTests.AppendOnlyFileTests {
    /// The file is written anew while everything goes on, and means the same afterwards.
    @Suite struct RewritingTests {
        /// Waits until no rewrite runs or is to run, and tells whether the last one went well.
        private func waitForRewrite(_ server: ServerProcess) throws {
            try waitUntil(within: .seconds(30)) {
                try server.information("aof_rewrite_in_progress") == "0"
                    && server.information("aof_rewrite_scheduled") == "0"
            }
            #expect(try server.information("aof_last_bgrewrite_status") == "ok")
        }

        private func size(_ server: ServerProcess) throws -> Int { try Data(contentsOf: server.appendOnlyFile).count }

        @Test("random data is the same after a rewrite, here and in real servers", arguments: ["everysec", "always"])
        func randomData(_ policy: String) throws {
            let seed = RandomPlay.seed
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": [policy]])
            for round in 0..<3 {
                try RandomPlay.run(on: server, seed: seed &+ UInt64(round), count: 2000)
                let before = try size(server)
                #expect(try server.connect().call("BGREWRITEAOF").bytes?.latin1.contains("started") == true)
                try waitForRewrite(server)
                #expect(try size(server) < before)
                let digest = try server.digest()
                #expect(try server.connect().call("DEBUG", "LOADAOF") == .ok, "DIFF_SEED=\(seed)")
                #expect(try server.digest() == digest, "DIFF_SEED=\(seed), round \(round)")
                try server.restart(abruptly: true)
                #expect(try server.digest() == digest, "DIFF_SEED=\(seed), round \(round), after a restart")
            }
            try server.connect().call("BGREWRITEAOF")
            try waitForRewrite(server)
            let expected = try server.digest()
            let file = Bytes(try Data(contentsOf: server.appendOnlyFile))
            try server.stop()
            for peer in Peer.allCases {
                let reader = try ServerProcess.start(peer, ["appendonly": ["yes"]], files: ["appendonly.aof": file])
                #expect(try digest(of: reader, peer) == expected, "\(peer), DIFF_SEED=\(seed)")
                reader.kill()
            }
        }

        @Test("what changes during a rewrite is not lost", arguments: ["everysec", "always"])
        func changesMeanwhile(_ policy: String) throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": [policy]])
            let connection = try server.connect()
            try connection.call("DEBUG", "POPULATE", 200_000)
            for start in stride(from: 0, to: 20_000, by: 1000) {
                try connection.call(
                    [Bytes(text: "RPUSH"), Bytes(text: "long")] + (start..<start + 1000).map { Bytes(text: "\($0)") })
            }
            let seed = RandomPlay.seed
            for round in 0..<3 {
                let connection = try server.connect()
                try connection.call("BGREWRITEAOF")
                // Keys that the snapshot has still to reach are changed, too.
                var random = SeededGenerator(seed: seed)
                while try server.information("aof_rewrite_in_progress") == "1" {
                    for _ in 0..<200 {
                        let key = "key:\(Int.random(in: 0..<200_000, using: &random))"
                        switch Int.random(in: 0..<5, using: &random) {
                        case 0: try connection.call("DEL", key)
                        case 1: try connection.call("APPEND", key, "x")
                        case 2: try connection.call("RPUSH", "long", key)
                        case 3: try connection.call("LPOP", "long")
                        default: try connection.call("INCR", "counter:\(key)")
                        }
                    }
                    try RandomPlay.run(on: server, seed: random.next(), count: 50)
                }
                try waitForRewrite(server)
                let digest = try server.digest()
                try server.restart(abruptly: true)
                #expect(try server.digest() == digest, "DIFF_SEED=\(seed), round \(round)")
            }
            try server.stop()
        }

        @Test("a rewrite within a transaction does not tear it")
        func withinTransaction() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"]])
            let connection = try server.connect()
            try connection.call("SELECT", 2)
            for words in [
                ["MULTI"], ["SET", "a", "1"], ["BGREWRITEAOF"], ["SET", "b", "2"], ["EXEC"], ["INCR", "a"],
            ] {
                try connection.call(words.map(\.argumentBytes))
            }
            try waitForRewrite(server)
            let digest = try server.digest()
            try server.restart(abruptly: true)
            #expect(try server.digest() == digest)
            try server.stop()
        }

        @Test("one at a time")
        func oneAtATime() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"]])
            let connection = try server.connect()
            try connection.send(command("BGREWRITEAOF") + command("BGREWRITEAOF"))
            #expect(try connection.receive() == .status("Background append only file rewriting started"))
            #expect(
                try connection.receive().errorText == "ERR Background append only file rewriting already in progress")
            try server.stop()
        }

        @Test("turned on at run time, the file begins with what is there")
        func turnedOn() throws {
            let old = command("SET", "of another time", "1")
            let server = try ServerProcess.start(["appendfsync": ["always"]], files: ["appendonly.aof": old])
            try RandomPlay.run(on: server, seed: RandomPlay.seed, count: 1000)
            let connection = try server.connect()
            #expect(try connection.call("CONFIG", "SET", "appendonly", "yes") == .ok)
            try connection.call("SET", "meanwhile", "1")
            try waitForRewrite(server)
            try connection.call("SET", "afterwards", "1")
            let digest = try server.digest()
            #expect(try connection.call("DEBUG", "LOADAOF") == .ok)
            #expect(try server.digest() == digest)

            #expect(try connection.call("CONFIG", "SET", "appendonly", "no") == .ok)
            let length = try size(server)
            try connection.call("SET", "unheard", "1")
            #expect(try size(server) == length)
            #expect(try server.information("aof_enabled") == "0")

            #expect(try connection.call("CONFIG", "SET", "appendonly", "yes") == .ok)
            try waitForRewrite(server)
            try waitUntil { try server.information("aof_current_size") != nil }
            let last = try server.digest()
            #expect(try connection.call("DEBUG", "LOADAOF") == .ok)
            #expect(try server.digest() == last)
            try server.stop()
        }

        @Test("BGREWRITEAOF writes a file even where the append-only file is off")
        func whileOff() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            try connection.call("MSET", "a", "1", "b", "2")
            try connection.call("BGREWRITEAOF")
            try waitUntil { FileManager.default.fileExists(atPath: server.appendOnlyFile.path) }
            try waitForRewrite(server)
            let digest = try server.digest()
            #expect(try connection.call("DEBUG", "LOADAOF") == .ok)
            #expect(try server.digest() == digest)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: server.directory.path).sorted() == [
                    "appendonly.aof", "server.log",
                ])
            try server.stop()
        }

        @Test("a file that has grown is rewritten by itself")
        func automatic() throws {
            let server = try ServerProcess.start([
                "appendonly": ["yes"], "auto-aof-rewrite-min-size": ["100kb"], "auto-aof-rewrite-percentage": ["50"],
            ])
            let connection = try server.connect()
            let value = String(repeating: "v", count: 1000)
            for number in 0..<300 { try connection.call("SET", "key:\(number % 10)", "\(value)\(number)") }
            // 300 kB were written. What comes during a rewrite goes into the new file, so that it may take another one.
            try waitUntil(within: .seconds(20)) {
                try connection.call("SET", "key:0", value)
                return try size(server) < 102_400
            }
            try waitForRewrite(server)
            #expect(server.log.contains("Starting automatic rewriting of AOF on "))
            let digest = try server.digest()
            try server.restart(abruptly: true)
            #expect(try server.digest() == digest)
            try server.stop()
        }

        @Test("large values are written in commands of 64 members")
        func batches() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"]])
            let connection = try server.connect()
            for number in 0..<200 {
                try connection.call("RPUSH", "l", number)
                try connection.call("SADD", "s", "m\(number)")
                try connection.call("ZADD", "z", "\(number).5", "m\(number)")
                try connection.call("HSET", "h", "f\(number)", number)
            }
            try connection.call("PEXPIREAT", "h", "4102444800000")
            try connection.call("BGREWRITEAOF")
            try waitForRewrite(server)
            let text = Bytes(try Data(contentsOf: server.appendOnlyFile)).latin1
            for (name, words) in [("RPUSH", 66), ("SADD", 66), ("ZADD", 130), ("HMSET", 130)] {
                let head = "*\(words)\r\n$\(name.count)\r\n\(name)\r\n"
                #expect(text.components(separatedBy: head).count == 4, "three full commands of \(name)")
            }
            #expect(text.contains("$9\r\nPEXPIREAT\r\n$1\r\nh\r\n$13\r\n4102444800000\r\n"))
            try server.stop()
        }
    }
}
