public import Foundation

/// A server process that this program started, on a free port of the loopback address and in a folder of its own.
///
/// The server writes nothing to disk (`--save "" --appendonly no`) except its log, `server.log` in its folder, which
/// is removed with the folder when the process is stopped.
public final class ServerProcess: Sendable {
    public let port: UInt16
    public let processID: pid_t
    public let folder: URL
    private let process: Process

    /// Starts `executable` and waits until it answers PING.
    ///
    /// - Parameters:
    ///   - wrapper: a command line that runs the server under it, such as `["valgrind", "--tool=callgrind"]`; it must
    ///     keep the process id (replace itself, or run the server inside itself).
    ///   - patience: seconds until the server must answer.
    /// - Throws: `ServerFailure` with the end of the server's log when it ends or stays silent.
    public init(
        executable: URL, wrapper: [String] = [], options: [String] = [], patience: TimeInterval = 10
    ) throws {
        port = try LoopbackAddress.unusedPort()
        folder = FileManager.default.temporaryDirectory.appending(path: "benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = folder.appending(path: "server.log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)

        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")  // env replaces itself, so the process id is the server's
        process.arguments =
            wrapper + [
                executable.path, "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path,
                "--save", "", "--appendonly", "no",
            ] + options
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        processID = process.processIdentifier
        RunningProcesses.add(processID, folder: folder)
        do {
            try waitUntilReady(patience: patience)
        } catch {
            let end = ((try? String(contentsOf: log, encoding: .utf8)) ?? "").suffix(2000)
            stop()
            throw ServerFailure("\(executable.path) did not start: \(error)\n\(end)")
        }
    }

    deinit { stop() }

    /// Ends the process with SIGTERM, after five seconds with SIGKILL, and removes its folder. Does so only once.
    public func stop() {
        guard RunningProcesses.remove(processID) else { return }
        process.terminate()
        let deadline = Date(timeIntervalSinceNow: 5)
        while process.isRunning && Date() < deadline { usleep(10_000) }
        if process.isRunning { kill(processID, SIGKILL) }
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// A new connection to the server.
    public func connect() throws -> Connection { try Connection(port: port) }

    /// Processor time that all threads of the server have used so far, in seconds.
    ///
    /// The kernel's own nanosecond count for the process, the same that `/proc/PID/stat` rounds to clock ticks.
    public func processorTime() throws -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard unsafe clock_getcpuclockid(processID, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else {
            throw ServerFailure("the server on port \(port) has ended")
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func waitUntilReady(patience: TimeInterval) throws {
        let deadline = Date(timeIntervalSinceNow: patience)
        while Date() < deadline {
            guard process.isRunning else { throw ServerFailure("it ended at once") }
            if let connection = try? connect(), (try? connection.call("PING")) == .status("PONG") { return }
            usleep(20_000)
        }
        throw ServerFailure("no answer to PING in \(Int(patience)) seconds")
    }
}

/// Why a server or the conversation with it failed, in words for the person at the terminal.
public struct ServerFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
