import Foundation
import Testing
import TestSupport

extension IntegrationTests.AppendOnlyFileTests {
    /// Files are read at the start, whoever wrote them, or refused as a whole.
    @Suite struct LoadingTests {
        private static let name = "appendonly.aof"

        /// Starts the program with a file, which it must refuse, and gives what it printed.
        private func refusal(of file: Bytes, _ settings: [String] = []) throws -> String {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "codis-test-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(file).write(to: folder.appendingPathComponent(Self.name))
            let arguments = ["--port", String(try Program.freePort()), "--dir", folder.path, "--appendonly", "yes"]
            let end = try Program(arguments + settings).end()
            #expect(end.exited && end.status == 1, "\(end.output)")
            #expect(
                try Data(contentsOf: folder.appendingPathComponent(Self.name)) == Data(file), "the file has changed")
            return end.output
        }

        // MARK: Files of other servers

        @Test("files of codis-servers", arguments: ["codis-2.8.21", "codis-3.2.11"], ["rewritten"])
        func filesOfCodisServers(_ writer: String, _ name: String) throws {
            let path = RecordedFiles.folder.appendingPathComponent("\(writer)/\(name)")
            let file = Bytes(try Data(contentsOf: path.appendingPathExtension("aof")))
            let manifest = try Manifest(of: path.appendingPathExtension("json"))
            let server = try ServerProcess.start(["appendonly": ["yes"]], files: [Self.name: file])
            #expect(try manifest.differences(on: server.connect()) == [])
            try server.stop()
        }

        @Test("files of Redis 7, its parts put together", arguments: ["rewritten", "rewritten-preamble"])
        func filesOfRedis7(_ name: String) throws {
            let manifest = try Manifest(of: RecordedFiles.folder.appendingPathComponent("redis-7.0.15/\(name).json"))
            let files = [Self.name: try RecordedFiles.parts(of: name)]
            let server = try ServerProcess.start(["appendonly": ["yes"]], files: files)
            #expect(try manifest.differences(on: server.connect()) == [])
            try server.stop()
        }

        // MARK: Damage

        @Test("odd files are read or refused, as they deserve")
        func oddFiles() throws {
            for odd in try RecordedFiles.Odd.all() {
                let file = try ByteForm.decodeBase64(odd.data)
                let truncated = odd.settings["aof-load-truncated"] ?? "yes"
                let settings: KeyValuePairs = ["appendonly": ["yes"], "aof-load-truncated": [truncated]]
                do {
                    let server = try ServerProcess.start(settings, files: [Self.name: file])
                    #expect(odd.expect != .refuse, "\(odd) was read")
                    // Whatever was read can be read again.
                    let digest = try server.digest()
                    try server.restart()
                    #expect(try server.digest() == digest, "\(odd)")
                    try server.stop()
                } catch let failure as KitFailure {
                    #expect(odd.expect != .load, "\(odd): \(failure)")
                    let output = try refusal(of: file, ["--aof-load-truncated", truncated])
                    #expect(output.contains("Bad file format reading the append only file appendonly.aof at offset "))
                }
            }
        }

        @Test("a file cut at any byte is read up to its last whole command")
        func truncation() throws {
            let (file, ends) = RecordedFiles.smallFile
            let server = try ServerProcess.start()
            let connection = try server.connect()
            for length in 0...file.count {
                try Data(file.prefix(length)).write(to: server.appendOnlyFile)
                #expect(try connection.call("DEBUG", "LOADAOF") == .ok, "cut to \(length) bytes")
                let whole = try #require(ends.last { $0.offset <= length })
                let sizes = try [0, 1].map { database in
                    try connection.call("SELECT", database)
                    return try connection.call("DBSIZE")
                }
                let keys = sizes.reduce(0) { sum, reply in
                    if case .integer(let count) = reply { sum + count } else { sum }
                }
                #expect(keys == whole.keys, "cut to \(length) bytes")
                #expect(try Data(contentsOf: server.appendOnlyFile) == Data(file.prefix(whole.offset)))
            }
            try server.stop()
        }

        @Test("with aof-load-truncated no, a file cut at any byte is refused, unless nothing is missing")
        func refusedTruncation() throws {
            let (file, ends) = RecordedFiles.smallFile
            let server = try ServerProcess.start(["aof-load-truncated": ["no"]])
            let connection = try server.connect()
            for length in 0...file.count {
                try Data(file.prefix(length)).write(to: server.appendOnlyFile)
                let reply = try connection.call("DEBUG", "LOADAOF")
                if ends.contains(where: { $0.offset == length }) {
                    #expect(reply == .ok, "cut to \(length) bytes")
                } else {
                    let whole = try #require(ends.last { $0.offset <= length })
                    let text = try #require(reply.errorText)
                    #expect(text.contains("appendonly.aof at offset \(whole.offset): the file ends"), "\(text)")
                    #expect(try connection.call("DBSIZE") == .integer(0), "something of it was kept")
                }
                #expect(try Data(contentsOf: server.appendOnlyFile) == Data(file.prefix(length)))
            }
            try server.stop()
            let output = try refusal(of: Bytes(file.dropLast()), ["--aof-load-truncated", "no"])
            #expect(output.contains("the file ends within a command"))
        }

        @Test("no byte of a file can be changed so that the server dies, or keeps half of it")
        func changedBytes() throws {
            let (file, _) = RecordedFiles.smallFile
            let server = try ServerProcess.start(["aof-load-truncated": ["no"]])
            let connection = try server.connect()
            var random = SeededGenerator(seed: 20_260_101)
            for index in file.indices {
                var damaged = file
                damaged[index] ^= UInt8.random(in: 1...255, using: &random)
                try Data(damaged).write(to: server.appendOnlyFile)
                if try connection.call("DEBUG", "LOADAOF") != .ok {
                    for database in [0, 1] {
                        try connection.call("SELECT", database)
                        #expect(try connection.call("DBSIZE") == .integer(0), "byte \(index) changed")
                    }
                }
            }
            try server.stop()
        }

        @Test("what is wrong is told with its place")
        func complaints() throws {
            let start = command("SET", "a", "1")
            let cases: [(Bytes, Int, String)] = [
                (Bytes(text: "PING\r\n"), 0, "'*' expected where a command begins, found 'P'"),
                (Bytes(text: "*0\r\n"), 1, "the number of arguments"),
                (Bytes(text: "*1\r\n:1\r\n"), 4, "'$' expected where an argument begins, found ':'"),
                (Bytes(text: "*1\r\n$4\r\nPINGxx"), 12, "no line end behind an argument"),
                (command("NOSUCH", "a"), 0, "unknown command 'NOSUCH'"),
                (command("GET"), 0, "wrong number of arguments for 'get'"),
                (command("SHUTDOWN"), 0, "the command 'shutdown', which has no place"),
                (command("SLOTSMGRTONE", "127.0.0.1", 1, 1, "a"), 0, "the command 'slotsmgrtone', which has no place"),
                (command("LPUSH", "a", "b"), 0, "the command 'lpush' fails: WRONGTYPE"),
                (command("EXEC"), 0, "EXEC without MULTI"),
                (command("MULTI") + command("MULTI"), 15, "MULTI within MULTI"),
                (command("MULTI") + command("LPUSH", "a", "b") + command("EXEC"), 15, "the command 'lpush' fails"),
            ]
            for (bytes, offset, cause) in cases {
                let output = try refusal(of: start + bytes)
                #expect(output.contains("at offset \(start.count + offset): \(cause)"), "\(output)")
            }
        }

        @Test("a time that has passed meanwhile does not change what commands did before it passed")
        func passedTimes() throws {
            let past = "1000000000000"
            let commands = [
                ["SET", "counter", "10"], ["PEXPIREAT", "counter", past], ["INCR", "counter"], ["PERSIST", "counter"],
                ["SET", "gone", "1"], ["PEXPIREAT", "gone", past], ["APPEND", "gone", "x"],
                ["RPUSH", "l", "a"], ["PEXPIREAT", "l", past], ["LPOP", "l"], ["SET", "l", "string"],
            ]
            let file = commands.flatMap { encodeCommand($0.map(\.argumentBytes)) }
            let server = try ServerProcess.start(["appendonly": ["yes"]], files: [Self.name: file])
            let connection = try server.connect()
            #expect(try connection.call("GET", "counter") == .bulk("11"))
            #expect(try connection.call("GET", "gone") == .bulk(nil))
            #expect(try connection.call("GET", "l") == .bulk("string"))
            try server.stop()
        }

        @Test("commands that are renamed, or taken away, can be read all the same")
        func renamedCommands() throws {
            let file =
                command("SET", "a", "1") + command("PUT", "b", "2") + command("FLUSHDB") + command("PUT", "c", "3")
            let settings: KeyValuePairs = [
                "appendonly": ["yes"], "rename-command": ["SET", "PUT"],
            ]
            let server = try ServerProcess.start(settings, files: [Self.name: file])
            #expect(try server.connect().call("KEYS", "*") == .array([.bulk("c")]))
            try server.stop()
        }

        @Test("the time annotations of Redis 7 are passed over")
        func annotations() throws {
            let file = Bytes(text: "#TS:1652341000\r\n") + command("SET", "a", "1") + Bytes(text: "#TS:1652341001\r\n")
            let server = try ServerProcess.start(["appendonly": ["yes"]], files: [Self.name: file])
            #expect(try server.connect().call("GET", "a") == .bulk("1"))
            try server.stop()
        }
    }
}
