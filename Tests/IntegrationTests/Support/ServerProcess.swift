import Foundation
import Synchronization

/// A server in a process of its own, in an empty folder of its own, at a port of its own.
///
/// It takes any program that is started like `redis-server --port N --dir PATH`, so that the same test can drive
/// the server under test and a real Redis.
final class ServerProcess: Sendable {
    let port: Int
    /// The working folder; it goes when the server is stopped.
    let directory: URL
    /// The arguments without the program, so that a restart takes the same.
    private let arguments: [String]
    private let executable: String
    private let environment: [String: String]
    private let process: Mutex<Process?>

    var address: Address { .tcp(host: "127.0.0.1", port: port) }
    var host: String { "127.0.0.1" }

    /// The server under test, ready to answer.
    /// - Parameters:
    ///   - directives: settings by name, each with its words: `["maxclients": ["10"]]`.
    ///   - files: what it finds in its folder, by name; `redis.conf` is its configuration.
    ///   - environment: variables that it finds beside those of the tests.
    static func start(
        _ directives: KeyValuePairs<String, [String]> = [:], files: [String: Bytes] = [:],
        environment: [String: String] = [:]
    ) throws -> ServerProcess {
        try ServerProcess(
            executable: Package.serverExecutable(), directives: directives, files: files, environment: environment)
    }

    /// A real Redis, ready to answer.
    static func start(
        _ peer: Peer, _ directives: KeyValuePairs<String, [String]> = [:], files: [String: Bytes] = [:],
        environment: [String: String] = [:]
    ) throws -> ServerProcess {
        try ServerProcess(
            executable: peer.executable(), arguments: peer.arguments, directives: directives, files: files,
            environment: environment)
    }

    /// Debian's redis-sentinel, which watches over the master at a port under the name `family`.
    static func startSentinel(
        watching port: Int, settings: KeyValuePairs<String, String>, password: String?
    ) throws -> ServerProcess {
        var lines = ["sentinel monitor family 127.0.0.1 \(port) 1"]
        for (name, value) in settings { lines.append("sentinel \(name) family \(value)") }
        if let password { lines.append("sentinel auth-pass family \(password)") }
        let file = Bytes(text: lines.joined(separator: "\n") + "\n")
        return try ServerProcess(
            executable: Package.program("redis-sentinel"), savesNothing: false, directives: [:],
            files: [configurationName: file], environment: [:])
    }

    private init(
        executable: String, savesNothing: Bool = true, arguments own: [String] = [],
        directives: KeyValuePairs<String, [String]>,
        files: [String: Bytes], environment: [String: String]
    ) throws {
        self.executable = executable
        self.environment = environment
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("codis-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: directory.appendingPathComponent(name)) }
        port = try Self.freePort()
        // A directive that is given twice counts as said last, so a test can override these.
        var arguments = ["--port", String(port), "--dir", directory.path] + own
        if savesNothing { arguments += ["--save", ""] }
        if files[Self.configurationName] != nil {
            arguments.insert(directory.appendingPathComponent(Self.configurationName).path, at: 0)
        }
        for (name, words) in directives { arguments += ["--" + name] + words }
        self.arguments = arguments
        process = Mutex(nil)
        try launch()
    }

    deinit {
        showCrash()
        kill()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Prints the log of a server that has crashed: a test that saw only its connection end cannot tell why.
    private func showCrash() {
        let report = log
        guard !isRunning, report.contains("crashed by signal") || report.contains("Fatal error") else { return }
        print("the server of \(directory.lastPathComponent) has crashed:\n\(report.suffix(8000))")
    }

    /// A port that nobody uses now. It lies below those that the system gives to outgoing connections, of which one
    /// could take it before the server does.
    private static func freePort() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 10_000..<32_000)
            if (try? Socket.listen(host: "0.0.0.0", port: port)) != nil { return port }
        }
        throw KitFailure("no port is free")
    }

    /// The configuration file, if it has one.
    var configurationFile: URL { directory.appendingPathComponent(Self.configurationName) }
    private static let configurationName = "redis.conf"

    /// What the server has printed.
    var log: String {
        (try? String(contentsOf: logFile, encoding: .utf8)) ?? ""
    }

    private var logFile: URL { directory.appendingPathComponent("server.log") }

    /// The process identifier; nil while it does not run.
    var processID: Int32? {
        process.withLock { $0?.processIdentifier }
    }

    var isRunning: Bool {
        process.withLock { $0?.isRunning ?? false }
    }

    // MARK: Starting

    /// Starts the process and waits until it answers.
    private func launch() throws {
        if !FileManager.default.fileExists(atPath: logFile.path) {
            try Data().write(to: logFile)
        }
        let output = try FileHandle(forWritingTo: logFile)
        try output.seekToEnd()
        let child = Process()
        child.executableURL = URL(fileURLWithPath: executable)
        child.arguments = arguments
        child.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        child.currentDirectoryURL = directory
        child.standardInput = FileHandle.nullDevice
        child.standardOutput = output
        child.standardError = output
        try Self.withoutBlockedSignals { try child.run() }
        process.withLock { $0 = child }
        try waitUntilReady(child)
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

    private func waitUntilReady(_ child: Process, within limit: Duration = .seconds(20)) throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            guard child.isRunning else {
                throw KitFailure("\(executable) ended with \(child.terminationStatus) at its start:\n\(log)")
            }
            if let connection = try? Connection(to: address, timeout: .seconds(1)),
                let reply = try? connection.call("PING"),
                reply == .status("PONG") || reply.errorText?.hasPrefix("NOAUTH") == true
            {
                return
            }
            usleep(5_000)
        }
        kill()
        throw KitFailure("\(executable) did not answer within \(limit):\n\(log)")
    }

    // MARK: Ending

    /// Asks the server to end (SIGTERM) and waits; throws unless it ends with status 0.
    func stop(within limit: Duration = .seconds(20)) throws {
        guard let child = process.withLock({ $0 }) else { return }
        guard child.isRunning else {
            throw KitFailure("the server had ended by itself (\(Self.ending(of: child))):\n\(log)")
        }
        child.terminate()
        let deadline = ContinuousClock.now + limit
        while child.isRunning {
            guard ContinuousClock.now < deadline else {
                kill()
                throw KitFailure("the server did not end within \(limit) of SIGTERM:\n\(log)")
            }
            usleep(5_000)
        }
        process.withLock { $0 = nil }
        guard child.terminationReason == .exit && child.terminationStatus == 0 else {
            throw KitFailure("the server ended badly (\(Self.ending(of: child))):\n\(log)")
        }
    }

    /// Waits until the server, told to end, has done so.
    func waitForEnd(within limit: Duration = .seconds(20)) throws {
        let deadline = ContinuousClock.now + limit
        while isRunning {
            guard ContinuousClock.now < deadline else { throw KitFailure("the server did not end:\n\(log)") }
            usleep(5_000)
        }
    }

    /// Ends the server without asking (SIGKILL).
    func kill() {
        let running = process.withLock { value in
            defer { value = nil }
            return value
        }
        guard let child = running else { return }
        // The child may be gone already; then there is nothing to kill.
        if child.isRunning { Foundation.kill(child.processIdentifier, SIGKILL) }
        child.waitUntilExit()
    }

    /// Ends the server, orderly or not, and starts it again at the same port with the same folder and settings.
    func restart(abruptly: Bool = false) throws {
        if abruptly { kill() } else { try stop() }
        try launch()
    }

    /// Stops the process in its tracks (SIGSTOP): it stays connected and answers nothing.
    func freeze() {
        if let id = processID { Foundation.kill(id, SIGSTOP) }
    }

    /// Lets a frozen process go on.
    func thaw() {
        if let id = processID { Foundation.kill(id, SIGCONT) }
    }

    private static func ending(of child: Process) -> String {
        (child.terminationReason == .exit ? "status" : "signal") + " \(child.terminationStatus)"
    }

    // MARK: Using

    func connect(timeout: Duration = .seconds(15)) throws -> Connection {
        try Connection(to: address, timeout: timeout)
    }
}

/// Runs `body` with a fresh server, which must end cleanly afterwards.
func withServer<Result>(
    _ directives: KeyValuePairs<String, [String]> = [:], _ body: (ServerProcess) throws -> Result
) throws -> Result {
    let server = try ServerProcess.start(directives)
    let result = try body(server)
    try server.stop()
    return result
}
