import Foundation

/// The program under test, started with arguments of the test's own, until it ends.
///
/// `ServerProcess` is a server that works; this is for what a program prints and how it ends.
final class Program {
    struct End {
        /// The exit status, or the number of the signal that ended it.
        var status: Int32
        /// Whether it ended by itself and not by a signal.
        var exited: Bool
        /// What it printed, standard output and standard error.
        var output: String
    }

    private let process = Process()
    private let folder: URL
    private let outputFile: URL

    /// Starts it in an empty folder.
    /// - Parameters:
    ///   - executable: another program than the one under test.
    ///   - input: what it finds at standard input.
    ///   - environment: variables besides those of the tests.
    init(
        _ arguments: [String], executable: String? = nil, input: String = "", environment: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("codis-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        outputFile = folder.appendingPathComponent("output")
        try Data().write(to: outputFile)
        let output = try FileHandle(forWritingTo: outputFile)
        process.executableURL = URL(fileURLWithPath: try executable ?? Package.serverExecutable())
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        process.standardOutput = output
        process.standardError = output
        let pipe = Pipe()
        process.standardInput = pipe
        try Self.withoutBlockedSignals { try process.run() }
        // A program that does not read its input leaves it in the pipe.
        try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipe.fileHandleForWriting.close()
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: folder)
    }

    /// A child inherits the blocked signals of the thread that starts it, and the threads of tests block SIGTERM.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    /// A port that nobody uses now, below those that the system gives to outgoing connections.
    static func freePort() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 10_000..<32_000)
            if (try? Socket.listen(host: "0.0.0.0", port: port)) != nil { return port }
        }
        throw KitFailure("no port is free")
    }

    /// What it has printed until now.
    var output: String {
        (try? String(contentsOf: outputFile, encoding: .utf8)) ?? ""
    }

    /// Waits until a server answers a PING.
    func waitUntilAnswering(_ address: Address, within limit: Duration = .seconds(20)) throws {
        let deadline = ContinuousClock.now + limit
        while (try? Connection(to: address).call("PING")) != .status("PONG") {
            guard process.isRunning, ContinuousClock.now < deadline else {
                throw KitFailure("nobody answers at \(address):\n\(output)")
            }
            usleep(5_000)
        }
    }

    func signal(_ number: CInt) {
        kill(process.processIdentifier, number)
    }

    /// Waits until it has ended by itself.
    func end(within limit: Duration = .seconds(20)) throws -> End {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < deadline else { throw KitFailure("it did not end within \(limit):\n\(output)") }
            usleep(5_000)
        }
        return End(
            status: process.terminationStatus, exited: process.terminationReason == .exit, output: output)
    }

    /// The TCP ports that its process listens at.
    func listeningPorts() throws -> [Int] {
        let folder = "/proc/\(process.processIdentifier)/fd"
        let own = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        return try TCPTable.entries().filter { $0.isListening && own.contains("socket:[\($0.inode)]") }.map(\.localPort)
    }
}

/// The kernel's list of TCP sockets, `/proc/net/tcp` and `tcp6`.
enum TCPTable {
    struct Entry {
        var localPort: Int
        var remotePort: Int
        var isListening: Bool
        /// Whether the kernel will probe the other side when nothing comes.
        var isKeptAlive: Bool
        var inode: String
    }

    static func entries() throws -> [Entry] {
        try ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path -> [Entry] in
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            let lines = try text(of: path).split(separator: "\n").dropFirst()
            return lines.compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count > 9, let local = port(fields[1]), let remote = port(fields[2]) else { return nil }
                return Entry(
                    localPort: local, remotePort: remote, isListening: fields[3] == "0A",
                    // 02: the timer that runs is for the keepalive probe.
                    isKeptAlive: fields[5].hasPrefix("02:"), inode: String(fields[9]))
            }
        }
    }

    /// A file of the kernel, which has no length beforehand: it is read until nothing more comes.
    private static func text(of path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        var bytes = Data()
        while let more = try file.read(upToCount: 1 << 16), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func port(_ address: Substring) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }
}
