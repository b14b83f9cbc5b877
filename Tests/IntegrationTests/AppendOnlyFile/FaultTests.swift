import Foundation
import Testing

extension IntegrationTests.AppendOnlyFileTests {
    /// Full disks and disks that fail: what was acknowledged is kept, nothing is torn, and it goes on afterwards.
    @Suite struct FaultTests {
        /// Fills the file so that a limit on files concerns no other.
        private func fill(_ connection: Connection) throws {
            let value = String(repeating: "x", count: 20_000)
            for number in 0..<20 { #expect(try connection.call("SET", "filler:\(number)", value) == .ok) }
        }

        /// Makes the file as long as it may get in `room` bytes.
        private func limit(_ server: ServerProcess, room: Int) throws {
            try waitUntil { try server.information("aof_buffer_length") == "0" }
            try server.limitFiles(to: Data(contentsOf: server.appendOnlyFile).count + room)
        }

        private func expectRefusals(_ server: ServerProcess, _ error: String) throws {
            let connection = try server.connect()
            let refusal = "MISCONF Errors writing to the AOF file: \(error)"
            #expect(try connection.call("SET", "refused", "1").errorText == refusal)
            #expect(try connection.call("PING").errorText == refusal)
            #expect(try connection.call("MULTI") == .ok)
            #expect(try connection.call("DEL", "filler:1").errorText == refusal)
            #expect(try connection.call("EXEC").errorText?.hasPrefix("EXECABORT") == true)
            #expect(try connection.call("STRLEN", "filler:1") == .integer(20_000), "reading goes on")
            #expect(try server.information("aof_last_write_status") == "err")
        }

        private func expectRecovery(_ server: ServerProcess) throws {
            try waitUntil(within: .seconds(20)) { try server.information("aof_last_write_status") == "ok" }
            #expect(try server.connect().call("SET", "afterwards", "1") == .ok)
            let digest = try server.digest()
            try server.restart()
            #expect(try server.digest() == digest)
        }

        /// Files must consist of whole commands at any time.
        private func expectSound(_ file: URL) throws {
            let end = try Program(["check-aof", file.path]).end()
            #expect(end.exited && end.status == 0, "\(end.output)")
        }

        @Test(
            "a full disk: writes are refused, nothing is torn, and all is kept once there is room",
            arguments: [0, 1, 40])
        func fullDisk(_ room: Int) throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["everysec"]])
            let connection = try server.connect()
            try fill(connection)
            try limit(server, room: room)
            #expect(try connection.call("SET", "kept", "a value that does not fit any more") == .ok)
            try waitUntil { try server.information("aof_last_write_status") == "err" }
            try expectRefusals(server, "File too large")
            try expectSound(server.appendOnlyFile)
            try server.limitFiles(to: nil)
            try expectRecovery(server)
            #expect(try server.connect().call("EXISTS", "kept") == .integer(1))
            try server.stop()
        }

        @Test("a full disk with appendfsync always: nobody is told that something is safe which is not")
        func fullDiskAlways() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            let connection = try server.connect()
            try fill(connection)
            try limit(server, room: 10)
            try connection.send(command("SET", "unsafe", "a value that does not fit any more"))
            #expect(try connection.isClosed())
            try expectRefusals(server, "File too large")
            try expectSound(server.appendOnlyFile)
            try server.limitFiles(to: nil)
            try expectRecovery(server)
            try server.stop()
        }

        @Test("transactions that waited when the disk became full change nothing")
        func waitingTransaction() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            let (connection, other) = (try server.connect(), try server.connect())
            try fill(connection)
            try other.call("MULTI")
            try other.call("SET", "queued", "1")
            try limit(server, room: 0)
            try connection.send(command("SET", "unsafe", "1"))
            #expect(try connection.isClosed())
            #expect(try other.call("EXEC").errorText?.hasPrefix("MISCONF ") == true)
            #expect(try server.connect().call("EXISTS", "queued") == .integer(0))
            try server.limitFiles(to: nil)
            try expectRecovery(server)
            try server.stop()
        }

        @Test("a server that cannot write does not end by SHUTDOWN, but by SHUTDOWN NOSAVE")
        func shutdown() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["everysec"]])
            let connection = try server.connect()
            try fill(connection)
            try limit(server, room: 0)
            #expect(try connection.call("SET", "kept", "1") == .ok)
            try waitUntil { try server.information("aof_last_write_status") == "err" }
            #expect(try connection.call("SHUTDOWN").errorText == "ERR Errors trying to SHUTDOWN. Check logs.")
            try connection.send(command("SHUTDOWN", "NOSAVE"))
            try waitUntil { !server.isRunning }
        }

        @Test("a rewrite that cannot be written leaves everything as it was")
        func fullDiskDuringRewrite() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            let connection = try server.connect()
            try fill(connection)
            try server.limitFiles(to: 100_000)
            try connection.call("BGREWRITEAOF")
            try waitUntil { try server.information("aof_last_bgrewrite_status") == "err" }
            try server.limitFiles(to: nil)
            let files = try FileManager.default.contentsOfDirectory(atPath: server.directory.path).sorted()
            #expect(files == ["appendonly.aof", "server.log"])
            #expect(try connection.call("SET", "afterwards", "1") == .ok)
            try connection.call("BGREWRITEAOF")
            try waitUntil { try server.information("aof_last_bgrewrite_status") == "ok" }
            let digest = try server.digest()
            try server.restart(abruptly: true)
            #expect(try server.digest() == digest)
            try server.stop()
        }

        @Test("a disk that fails: only a new file is trusted", arguments: ["everysec", "always"])
        func failingDisk(_ policy: String) throws {
            let disk = try FaultyDisk()
            let server = try ServerProcess.start(
                ["appendonly": ["yes"], "appendfsync": [policy]], environment: disk.environment)
            let connection = try server.connect()
            try fill(connection)
            try disk.set(.fail)
            try connection.send(command("SET", "unsafe", "1"))
            if policy == "always" {
                #expect(try connection.isClosed())
            } else {
                #expect(try connection.receive() == .ok)
                try waitUntil(within: .seconds(10)) { try server.information("aof_last_write_status") == "err" }
            }
            try expectRefusals(server, "Input/output error")
            try disk.set(.sound)
            try waitUntil(within: .seconds(30)) { try server.information("aof_last_write_status") == "ok" }
            #expect(server.log.contains("Background AOF rewrite finished successfully"))
            try expectRecovery(server)
            try server.stop()
        }

        @Test("a slow disk holds nobody with appendfsync everysec, and is counted")
        func slowDisk() throws {
            let disk = try FaultyDisk()
            let server = try ServerProcess.start(
                ["appendonly": ["yes"], "appendfsync": ["everysec"]], environment: disk.environment)
            let connection = try server.connect()
            try connection.call("SET", "a", "1")
            try disk.set(.slow)
            // Each of them is answered long before the disk is.
            let deadline = ContinuousClock.now + .seconds(20)
            while try server.information("aof_delayed_fsync") == "0", ContinuousClock.now < deadline {
                #expect(
                    try connection.call([Bytes(text: "INCR"), Bytes(text: "b")], timeout: .seconds(2)).integerValue
                        != nil)
            }
            #expect(try server.information("aof_delayed_fsync") != "0")
            #expect(server.log.contains("Asynchronous AOF fsync is taking too long"))
            try disk.set(.sound)
            let digest = try server.digest()
            try server.restart(abruptly: true)
            #expect(try server.digest() == digest)
            try server.stop()
        }
    }
}
