import Foundation
import Testing

extension IntegrationTests {
    /// What cannot be saved is told, and what was saved before stays.
    @Suite struct SaveFaultTests {
        /// What stands in the way of a file.
        enum Obstacle: CaseIterable, Sendable {
            /// The name belongs to a folder that is not empty.
            case rename
            /// The temporary file cannot be made.
            case create
            /// The temporary file takes no bytes: the device is full.
            case write
            /// The temporary file cannot be brought to the disk.
            case synchronize

            func put(before server: ServerProcess) throws {
                let files = FileManager.default
                switch self {
                case .rename:
                    let inside = server.dump.appendingPathComponent("inside")
                    try files.createDirectory(at: inside, withIntermediateDirectories: true)
                case .create:
                    try files.createDirectory(at: server.temporaryDump(), withIntermediateDirectories: true)
                case .write:
                    try files.createSymbolicLink(atPath: server.temporaryDump().path, withDestinationPath: "/dev/full")
                case .synchronize:
                    try files.createSymbolicLink(atPath: server.temporaryDump().path, withDestinationPath: "/dev/null")
                }
            }

            /// Puts it there again if it went with the temporary file.
            func renew(before server: ServerProcess) throws {
                if self == .write || self == .synchronize { try put(before: server) }
            }

            func remove(from server: ServerProcess) throws {
                // The server removes temporary files itself, but for a folder.
                try? FileManager.default.removeItem(at: server.temporaryDump())
                if self == .rename { try FileManager.default.removeItem(at: server.dump) }
            }
        }

        private static let refusal = Reply.error(
            "MISCONF Redis is configured to save RDB snapshots, but is currently not able to persist on disk. Commands "
                + "that may modify the data set are disabled. Please check Redis logs for details about the error.")

        @Test("Writes are refused, and only they, until a file can be written again", arguments: Obstacle.allCases)
        func refusedWrites(_ obstacle: Obstacle) throws {
            try withServer(["save": ["900", "1000000"]]) { server in
                let connection = try server.connect(timeout: .seconds(60))
                #expect(try connection.call("SET", "key", "value") == .ok)
                try obstacle.put(before: server)
                #expect(try connection.call("BGSAVE") == .status("Background saving started"))
                #expect(try server.saveStatus() == "err")
                #expect(try connection.call("SET", "key", "other") == Self.refusal)
                #expect(try connection.call("PING") == Self.refusal, "as Redis has it, so that somebody notices")
                #expect(try connection.call("GET", "key") == .bulk("value"))
                #expect(try connection.call("MULTI") == .ok)
                #expect(try connection.call("DEL", "key") == Self.refusal)
                #expect(try connection.call("EXEC").errorText?.hasPrefix("EXECABORT") == true)
                try obstacle.renew(before: server)
                #expect(try connection.call("SAVE").errorText != nil)
                try obstacle.renew(before: server)
                #expect(try connection.call("SHUTDOWN").errorText?.contains("Errors trying to SHUTDOWN") == true)

                #expect(try connection.call("CONFIG", "SET", "stop-writes-on-bgsave-error", "no") == .ok)
                #expect(try connection.call("SET", "key", "other") == .ok)
                #expect(try connection.call("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes") == .ok)
                #expect(try connection.call("SET", "key", "third") == Self.refusal)

                try obstacle.remove(from: server)
                #expect(try connection.call("BGSAVE") == .status("Background saving started"))
                #expect(try server.saveStatus() == "ok")
                #expect(try connection.call("SET", "key", "fourth") == .ok)
                #expect(try connection.call("SAVE") == .ok)
                #expect(try digest(of: server.dump, in: .redis2_8) == server.digest())
            }
        }

        @Test("A real Redis refuses the same commands with the same words")
        func sameWords() throws {
            let redis = try ServerProcess.start(.redis2_8, ["save": ["900", "1000000"]])
            try Obstacle.rename.put(before: redis)
            let connection = try redis.connect()
            try connection.call("BGSAVE")
            #expect(try redis.saveStatus() == "err")
            for words in [["SET", "key", "value"], ["PING"]] {
                #expect(try connection.call(words.map(\.argumentBytes)) == Self.refusal)
            }
            #expect(try connection.call("GET", "key") == .bulk(nil))
        }

        @Test("A limit on the size of files is a failed save and no end of the server")
        func limitedSize() throws {
            let port = try Program.freePort()
            let server = try Package.serverExecutable()
            let program = try Program(
                ["-c", "ulimit -S -f 1; exec \"\(server)\" --port \(port) --save 900 1000000 --rdbcompression no"],
                executable: "/bin/sh")
            try program.waitUntilAnswering(.tcp(host: "127.0.0.1", port: port))
            let connection = try Connection(to: .tcp(host: "127.0.0.1", port: port), timeout: .seconds(60))
            #expect(try connection.call("SET", "key", Bytes(repeating: 0x61, count: 100_000)) == .ok)
            #expect(try connection.call("SAVE").errorText != nil)
            #expect(try connection.call("SET", "key", "x") == Self.refusal)
            #expect(try connection.call("DEL", "key") == Self.refusal)
            #expect(try connection.call("CONFIG", "SET", "stop-writes-on-bgsave-error", "no") == .ok)
            #expect(try connection.call("DEL", "key") == .integer(1))
            #expect(try connection.call("SAVE") == .ok, "a short file is within the limit")
            try connection.send(command("SHUTDOWN", "NOSAVE"))
            let end = try program.end()
            #expect(end.exited && end.status == 0, "\(end.output)")
        }

        @Test("kill -9 in the middle of a save leaves the file that was there")
        func killed() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect(timeout: .seconds(60))
            try connection.call("SET", "key", "value")
            #expect(try connection.call("SAVE") == .ok)
            let old = try Data(contentsOf: server.dump)
            let expected = try server.digest()
            _ = try HeldSave(of: server)
            try connection.call("SET", "key", Bytes(repeating: 0x61, count: 1_000_000))
            #expect(try connection.call("BGSAVE") == .status("Background saving started"))
            #expect(try server.info("rdb_bgsave_in_progress") == 1)
            server.kill()
            #expect(try Data(contentsOf: server.dump) == old)
            #expect(try digest(of: server.dump, in: .redis2_8) == expected)
        }

        @Test("Save points, SHUTDOWN and SIGTERM write a file; SHUTDOWN NOSAVE does not")
        func savePoints() throws {
            let server = try ServerProcess.start(["save": ["1", "2"]])
            let connection = try server.connect()
            try connection.call("SET", "a", "1")
            try connection.call("SET", "b", "2")
            try server.wait(for: "rdb_changes_since_last_save", "0", within: .seconds(30))
            #expect(try digest(of: server.dump, in: .redis2_8) == server.digest())

            try connection.call("SET", "c", "3")
            let expected = try server.digest()
            let kept = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).rdb")
            defer { try? FileManager.default.removeItem(at: kept) }
            try server.stop()
            try FileManager.default.copyItem(at: server.dump, to: kept)
            #expect(try digest(of: kept, in: .redis2_8) == expected, "SIGTERM")

            let other = try ServerProcess.start(["save": ["900", "1"]])
            try other.connect().call("SET", "a", "1")
            try other.connect().send(command("SHUTDOWN", "NOSAVE"))
            try other.waitForEnd()
            #expect(!FileManager.default.fileExists(atPath: other.dump.path))
        }
    }
}
