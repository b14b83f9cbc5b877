import Foundation
import Testing

extension IntegrationTests.RDBTests {
    /// Files are read at the start, whoever wrote them, or refused as a whole.
    @Suite struct LoadingTests {
        private static let name = "dump.rdb"

        /// Starts the program with a file, which it must refuse, and gives what it printed.
        private func refusal(of file: Bytes, _ settings: [String] = []) throws -> String {
            let folder = try TemporaryFolder()
            try folder.write(file, to: Self.name)
            let port = try Program.freePort()
            let end = try Program(["--port", String(port), "--dir", folder.path, "--save", ""] + settings).end()
            #expect(end.exited && end.status == 1, "\(end.output)")
            #expect(try folder.read(Self.name) == file, "the file has changed")
            return end.output
        }

        // MARK: Files of other servers

        @Test(
            "files of real servers", arguments: ["codis-2.8.21", "codis-3.2.11", "redis-7.0.15"],
            ["types", "encodings-plain", "encodings-packed", "empty"])
        func filesOfRealServers(_ writer: String, _ name: String) throws {
            let manifest = try Manifest(of: RDBFiles.folder.appendingPathComponent("\(writer)/\(name).json"))
            let server = try ServerProcess.start(files: [Self.name: RDBFiles.bytes(writer, name)])
            #expect(try manifest.differences(on: server.connect()) == [])
            try server.stop()
        }

        @Test(
            "the digest is that of a real server", arguments: ["types", "encodings-plain", "encodings-packed"])
        func digests(_ name: String) throws {
            for (writer, peer) in [("codis-2.8.21", Peer.redis2_8), ("codis-3.2.11", .redis3_2)] {
                let files = [Self.name: try RDBFiles.bytes(writer, name)]
                let (ours, theirs) = (
                    try ServerProcess.start(files: files), try ServerProcess.start(peer, files: files)
                )
                #expect(try ours.digest() == theirs.digest(), "\(writer)")
                try ours.stop()
            }
        }

        @Test("expired keys are left out, and there is no key without a file")
        func expiredKeys() throws {
            let server = try ServerProcess.start(files: [Self.name: RDBFiles.bytes("codis-2.8.21", "types")])
            let connection = try server.connect()
            for key in ["expired:a", "{tag}expired:b", "expired:list"] {
                #expect(try connection.call("EXISTS", key) == .integer(0))
            }
            #expect(server.log.contains("3 keys had expired and were left out"), "\(server.log)")
            let empty = try ServerProcess.start()
            #expect(try empty.connect().call("DBSIZE") == .integer(0))
        }

        @Test("what newer servers have is refused by its name")
        func newerFeatures() throws {
            for (name, feature) in [("stream", "a stream"), ("function", "a library of functions")] {
                let output = try refusal(of: RDBFiles.bytes("redis-7.0.15", name))
                #expect(output.contains("\(feature), which this server does not have"), "\(output)")
            }
        }

        @Test("DEBUG RELOAD changes nothing", arguments: ["codis-2.8.21", "redis-7.0.15"])
        func reload(_ writer: String) throws {
            let server = try ServerProcess.start(files: [Self.name: RDBFiles.bytes(writer, "types")])
            let connection = try server.connect()
            let digest = try server.digest()
            let keys = try connection.call("KEYS", "t:*").items ?? []
            func encodings() throws -> [Reply] {
                try keys.map { try connection.call("OBJECT", "ENCODING", $0.bytes ?? []) }
            }
            let before = try encodings()
            #expect(try connection.call("DEBUG", "RELOAD") == .ok)
            #expect(try server.digest() == digest)
            #expect(try encodings() == before && !before.isEmpty)
            #expect(try connection.call("INFO", "persistence").text.contains("rdb_changes_since_last_save:0\r\n"))
            // What was saved is what was there, and a change afterwards counts.
            #expect(try connection.call("SET", "new", "1") == .ok)
            #expect(try connection.call("INFO", "persistence").text.contains("rdb_changes_since_last_save:1\r\n"))
        }

        @Test("DEBUG RELOAD without a place for the file keeps the data")
        func reloadThatFails() throws {
            let server = try ServerProcess.start(files: [Self.name: RDBFiles.small])
            let connection = try server.connect()
            let digest = try server.digest()
            let folder = try TemporaryFolder()
            #expect(try connection.call("CONFIG", "SET", "dir", folder.path) == .ok)
            try FileManager.default.removeItem(at: folder.url)
            #expect(try connection.call("DEBUG", "RELOAD").errorText != nil)
            #expect(try server.digest() == digest)
        }

        // MARK: Damage

        @Test("a file cut at any byte is refused, with name, place and cause")
        func truncation() throws {
            let file = RDBFiles.small
            // Every fifth byte: a process for each takes its time.
            for length in stride(from: 1, to: file.count, by: 5) {
                let output = try refusal(of: Bytes(file.prefix(length)))
                #expect(
                    output.contains("Bad file format reading the RDB file dump.rdb at byte ")
                        && output.contains("the data ends in the middle of something")
                        && output.contains("codis-server check-rdb dump.rdb"), "\(length): \(output)")
            }
        }

        @Test("damaged files are read or refused, as they deserve")
        func damagedFiles() throws {
            let fixtures = try DamagedFile.all().filter { !$0.needsNewerVersion }
            // The others are read in the same process by the tests of the reader.
            for (number, fixture) in fixtures.enumerated() where number % 23 == 0 {
                let file = try ByteForm.decodeBase64(fixture.data)
                switch fixture.expect {
                case "refuse":
                    #expect(try refusal(of: file).contains("RDB file dump.rdb at byte "), "\(fixture.name)")
                case "load":
                    let server = try ServerProcess.start(files: [Self.name: file])
                    let connection = try server.connect()
                    if let keys = fixture.keys {
                        #expect(try connection.keyCount() == keys, "\(fixture.name)")
                    }
                    try server.stop()
                default:
                    do {
                        let server = try ServerProcess.start(files: [Self.name: file])
                        _ = try server.digest()
                        try server.stop()
                    } catch is KitFailure {
                        #expect(try refusal(of: file).contains("RDB file dump.rdb at byte "), "\(fixture.name)")
                    }
                }
            }
        }

        @Test("more databases than configured")
        func databases() throws {
            let file = RDBFiles.small
            let output = try refusal(of: file, ["--databases", "3"])
            #expect(output.contains("at byte 55: database 3, and the server is configured for fewer"), "\(output)")
            let server = try ServerProcess.start(["databases": ["4"]], files: [Self.name: file])
            #expect(try server.connect().keyCount(databases: 4) == 5)
        }

        @Test("a folder in the place of the file")
        func folderInPlace() throws {
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder.path + "/" + Self.name, withIntermediateDirectories: false)
            let port = try Program.freePort()
            let end = try Program(["--port", String(port), "--dir", folder.path]).end()
            #expect(end.exited && end.status == 1)
            #expect(end.output.contains("RDB file dump.rdb: Is a directory"), "\(end.output)")
        }

        // MARK: Meanwhile

        /// The file is a pipe, so that the test says how far loading is.
        @Test("while it loads, clients are told so")
        func loading() throws {
            let folder = try TemporaryFolder()
            let path = folder.path + "/" + Self.name
            #expect(mkfifo(path, 0o600) == 0)
            // Open for both, the pipe has two ends from the first moment on.
            let pipe = open(path, O_RDWR)
            defer { close(pipe) }
            let port = try Program.freePort()
            let program = try Program(["--port", String(port), "--dir", folder.path, "--save", ""])
            let connection = try connect(to: port)
            let file = RDBFiles.small
            var sent = 0
            /// Sends a command and lets loading go on, byte for byte, until the reply is there.
            func call(_ words: String...) throws -> Reply {
                try connection.send(encodeCommand(words.map(\.argumentBytes)))
                while sent < file.count - 1 {
                    #expect(write(pipe, [file[sent]], 1) == 1)
                    sent += 1
                    do {
                        return try connection.receive(timeout: .milliseconds(200))
                    } catch ConnectionFailure.timedOut {}
                }
                throw KitFailure("no answer while loading:\n\(program.output)")
            }
            let refused = Reply.error("LOADING Redis is loading the dataset in memory")
            #expect(try call("GET", "string") == refused)
            #expect(try call("SET", "string", "other") == refused)
            let info = try call("INFO", "persistence").text
            #expect(info.contains("loading:1\r\n") && info.contains("\r\nloading_start_time:"), "\(info)")
            for field in ["total_bytes", "loaded_bytes", "loaded_perc", "eta_seconds"] {
                #expect(info.contains("\r\nloading_\(field):"), "\(field): \(info)")
            }
            #expect(try call("SELECT", "1") == .ok)
            let rest = Bytes(file[sent...])
            #expect(write(pipe, rest, rest.count) == rest.count)
            try program.waitUntilAnswering(.tcp(host: "127.0.0.1", port: port))
            #expect(try connection.keyCount() == 5)
            #expect(try connection.call("INFO", "persistence").text.contains("loading:0\r\n"))
        }

        @Test("a server that loads can be ended")
        func ending() throws {
            let folder = try TemporaryFolder()
            let path = folder.path + "/" + Self.name
            #expect(mkfifo(path, 0o600) == 0)
            let pipe = open(path, O_RDWR)
            defer { close(pipe) }
            let port = try Program.freePort()
            let program = try Program(["--port", String(port), "--dir", folder.path, "--save", ""])
            // From this line on signals are no end at once.
            let deadline = ContinuousClock.now + .seconds(20)
            while !program.output.contains("Server started"), ContinuousClock.now < deadline { usleep(5000) }
            program.signal(SIGTERM)
            // What wakes it is a byte of the file.
            #expect(write(pipe, Bytes(RDBFiles.small.prefix(20)), 20) == 20)
            let end = try program.end()
            #expect(end.exited && end.status == 0, "\(end.output)")
        }

        /// A connection to a server that listens already and does not answer yet.
        private func connect(to port: Int) throws -> Connection {
            let deadline = ContinuousClock.now + .seconds(20)
            while true {
                do {
                    return try Connection(to: .tcp(host: "127.0.0.1", port: port))
                } catch {
                    guard ContinuousClock.now < deadline else { throw error }
                    usleep(5000)
                }
            }
        }
    }
}

/// A file of `Tests/Fixtures/corrupt/rdb.jsonl`.
private struct DamagedFile: Decodable {
    let name: String
    let data: String
    let expect: String
    let keys: Int?

    static func all() throws -> [DamagedFile] {
        let url = Package.root.appendingPathComponent("Tests/Fixtures/corrupt/rdb.jsonl")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(DamagedFile.self, from: Data($0.utf8))
        }
    }

    /// Whether only a version from 8 to 12 speaks against it, which this server reads.
    var needsNewerVersion: Bool { name.contains("version '00") || name.contains("version 9") }
}

extension Connection {
    /// Keys in all databases.
    fileprivate func keyCount(databases: Int = 16) throws -> Int {
        try (0..<databases).reduce(0) { count, number in
            try call("SELECT", number)
            return count + (try call("DBSIZE").integerValue ?? -1)
        }
    }
}
