import Foundation
import Testing

extension IntegrationTests {
    @Suite struct SnapshotTests {
        /// DEBUG DIGEST and BGSAVE in one transaction: the file shows what the digest was made of.
        private static func beginSave(_ connection: Connection) throws -> String {
            for command in [["MULTI"], ["DEBUG", "DIGEST"], ["BGSAVE"]] {
                try connection.call(command.map(\.argumentBytes))
            }
            let replies = try connection.call("EXEC").items ?? []
            #expect(replies.last == .status("Background saving started"))
            return replies.first?.text ?? ""
        }

        @Test("A file made under writes shows the moment of its beginning, in every Redis", arguments: [1, 2, 3])
        func momentOfBeginning(_ seed: UInt64) throws {
            try withServer { server in
                try WriteStorm.fill(server, keys: 20_000, seed: seed)
                let storm = WriteStorm(on: server, clients: 3, seed: seed &* 1000)
                let control = try server.connect(timeout: .seconds(60))
                for _ in 0..<2 {
                    let expected = try Self.beginSave(control)
                    #expect(try server.saveStatus() == "ok")
                    for peer in Peer.allCases {
                        #expect(try digest(of: server.dump, in: peer) == expected, "\(peer)")
                    }
                }
                #expect(try storm.stop() > 0)
            }
        }

        @Test("SAVE writes what there is, with and without compression and checksum", arguments: ["yes", "no"])
        func save(_ setting: String) throws {
            try withServer(["rdbcompression": [setting], "rdbchecksum": [setting]]) { server in
                try WriteStorm.fill(server, keys: 2000, seed: 7)
                let connection = try server.connect(timeout: .seconds(60))
                let before = try connection.call("LASTSAVE").integerValue ?? 0
                usleep(1_100_000)
                #expect(try connection.call("SAVE") == .ok)
                #expect(try connection.call("LASTSAVE").integerValue ?? 0 > before)
                #expect(try server.info("rdb_changes_since_last_save") == 0)
                let bytes = try Data(contentsOf: server.dump)
                #expect(bytes.prefix(9) == Data("REDIS0006".utf8))
                #expect((bytes.suffix(8) == Data(count: 8)) == (setting == "no"), "the checksum")
                for peer in Peer.allCases { #expect(try digest(of: server.dump, in: peer) == server.digest()) }
            }
        }

        @Test("While a snapshot is held: readers go on, writers of a long value wait, then all is as it should be")
        func longValuesWait() throws {
            try withServer { server in
                let connection = try server.connect(timeout: .seconds(60))
                // More than may be under way, so that the walk has to stop.
                for number in 0..<300 {
                    try connection.call("SET", "filler:\(number)", Bytes(repeating: 0x66, count: 60_000))
                }
                for number in 0..<50 {
                    try connection.call("SET", "long:\(number)", Bytes(repeating: 0x6c, count: 300_000))
                }
                let held = try HeldSave(of: server)
                let expected = try Self.beginSave(connection)

                let writers = try (0..<50).map { number in
                    let writer = try server.connect(timeout: .seconds(60))
                    try writer.send(command("APPEND", "long:\(number)", "!"))
                    return writer
                }
                // 17 of the 33 MB wait for the pipe: some of the long values must be among them.
                try server.wait(for: "blocked_clients") { $0 != "0" }
                for number in 0..<50 {
                    #expect(try connection.call("STRLEN", "long:\(number)").integerValue ?? 0 >= 300_000)
                }
                #expect(try connection.call("SET", "new", "value") == .ok)
                #expect(try connection.call("SAVE") == .error("ERR Background save already in progress"))
                #expect(try connection.call("BGSAVE") == .error("ERR Background save already in progress"))

                held.release()
                for writer in writers { #expect(try writer.receive() == .integer(300_001)) }
                let file = server.directory.appendingPathComponent("held.rdb")
                try held.contents().write(to: file)
                #expect(try server.saveStatus() == "err", "a pipe cannot be brought to the disk")
                for peer in Peer.allCases { #expect(try digest(of: file, in: peer) == expected, "\(peer)") }
                #expect(try connection.call("BGSAVE") == .status("Background saving started"))
                #expect(try server.saveStatus() == "ok")
                #expect(try digest(of: server.dump, in: .redis2_8) == server.digest())
            }
        }

        @Test("FLUSHALL gives a save up and writes the empty data set; FLUSHDB and SLOTSDEL do not disturb one")
        func emptying() throws {
            try withServer(["save": ["900", "1000000"]]) { server in
                let connection = try server.connect(timeout: .seconds(60))
                for number in 0..<400 {
                    try connection.call("SET", "key:\(number)", Bytes(repeating: 0x66, count: number % 2 * 100_000))
                }
                var held = try HeldSave(of: server)
                let expected = try Self.beginSave(connection)
                #expect(try connection.call("SLOTSDEL", slotNumber(of: "key:1")).items?.count == 1)
                #expect(try connection.call("FLUSHDB") == .ok)
                #expect(try connection.call("SET", "key:3", "anew") == .ok)
                held.release()
                let file = server.directory.appendingPathComponent("held.rdb")
                try held.contents().write(to: file)
                #expect(try digest(of: file, in: .redis2_8) == expected)
                #expect(try server.saveStatus() == "err")

                #expect(try connection.call("CONFIG", "SET", "stop-writes-on-bgsave-error", "no") == .ok)
                held = try HeldSave(of: server)
                _ = try Self.beginSave(connection)
                #expect(try connection.call("FLUSHALL") == .ok)
                held.release()
                _ = try held.contents()
                try server.wait(for: "rdb_last_bgsave_status", "ok")
                #expect(try Data(contentsOf: server.dump).count == 18, "a head, an end and a checksum")
            }
        }
    }
}
