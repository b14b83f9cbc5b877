import Foundation
import Testing

extension IntegrationTests.CommandTests {
    /// A client that many programs use, beside our own.
    @Suite(.freshServers) struct RedisPyTests {
        @Test("redis-py drives every command, in both versions of the protocol", arguments: ["2", "3"])
        func everyCommand(version: String) throws {
            let python = Package.root.appendingPathComponent(".peers/redis-py/bin/python")
            try #require(FileManager.default.isExecutableFile(atPath: python.path), "Run `make peers` first.")
            let servers = try Servers.shared()
            let output = Pipe()
            let process = Process()
            process.executableURL = python
            process.arguments = [
                "-W", "ignore", Package.root.appendingPathComponent("Tests/RedisPy/drive_commands.py").path,
                String(servers.source.port), String(servers.target.port), version,
            ]
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(text)")
        }
    }
}
