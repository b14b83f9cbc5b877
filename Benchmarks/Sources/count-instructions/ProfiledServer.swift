import Foundation
import LiveServer

/// A server that runs under callgrind, and counts only from when it is told.
struct ProfiledServer: ~Copyable {
    private let server: ServerProcess
    private let profiles: URL
    private var profileCount = 0

    init(executable: URL) throws {
        profiles = FileManager.default.temporaryDirectory.appending(path: "callgrind-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: profiles, withIntermediateDirectories: true)
        server = try ServerProcess(
            executable: executable,
            wrapper: [
                "valgrind", "--tool=callgrind", "--instr-atstart=no",
                "--callgrind-out-file=\(profiles.path)/profile",
            ],
            patience: 60)
    }

    deinit {
        server.stop()
        try? FileManager.default.removeItem(at: profiles)
    }

    func connect() throws -> Connection { try server.connect() }

    /// Instructions are counted from now on.
    func startCounting() throws { try control("-i", "on") }

    /// What was counted since the profile before.
    mutating func takeProfile() throws -> CallgrindProfile {
        try control("-d")
        profileCount += 1
        return try CallgrindProfile(contentsOf: profiles.appending(path: "profile.\(profileCount)"))
    }

    /// Returns when the server has done it.
    private func control(_ arguments: String...) throws {
        let output = try runTool("callgrind_control", arguments + ["\(server.processID)"])
        guard output.contains("OK.") else { throw ServerFailure("callgrind_control failed: \(output)") }
    }
}

/// Runs a program of PATH and returns all that it printed.
func runTool(_ name: String, _ arguments: [String], input: String = "") throws -> String {
    let process = Process()
    let output = Pipe(), feed = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.standardInput = feed
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try feed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try feed.fileHandleForWriting.close()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return text
}
