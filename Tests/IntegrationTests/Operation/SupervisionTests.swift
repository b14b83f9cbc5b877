import Foundation
import Testing

extension IntegrationTests.OperationTests {
    /// `daemonize`, `pidfile`, `supervised`.
    @Suite struct SupervisionTests {
        @Test("daemonize: the program ends at once, the server goes on and its pid file tells who it is")
        func daemon() throws {
            let port = try Program.freePort()
            let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".pid")
            let arguments = ["--port", String(port), "--daemonize", "yes", "--pidfile", file.path, "--save", ""]
            #expect(try status(of: Package.serverExecutable(), arguments) == 0)
            let address = Address.tcp(host: "127.0.0.1", port: port)
            try waitUntil(within: .seconds(20)) { (try? Connection(to: address).call("PING")) == .status("PONG") }
            let connection = try Connection(to: address)
            let information = try connection.call("INFO", "server").bytes?.latin1 ?? ""
            let number = try String(contentsOf: file, encoding: .utf8)
            #expect(information.contains("process_id:\(number.dropLast())\r\n"))
            try connection.send(encodeCommand(["SHUTDOWN".argumentBytes]))
            #expect(try connection.isClosed(within: .seconds(10)))
            try waitUntil { !FileManager.default.fileExists(atPath: file.path) }
        }

        /// Runs a program and answers its wait status. Foundation's `Process` would wait for the child of the child, too.
        private func status(of executable: String, _ arguments: [String]) throws -> CInt {
            var words = ([executable] + arguments).map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var child = pid_t()
            let failure = posix_spawn(&child, executable, nil, nil, &words, environ)
            guard failure == 0 else { throw ConnectionFailure.system("posix_spawn", failure) }
            var status: CInt = 0
            guard waitpid(child, &status, 0) == child else { throw ConnectionFailure.system("waitpid", errno) }
            return status
        }

        @Test("supervised systemd: the manager hears when clients are served, and when the server ends")
        func systemd() throws {
            let manager = try NotificationSocket()
            let port = try Program.freePort()
            let program = try Program(
                ["--port", String(port), "--supervised", "systemd", "--save", ""],
                environment: ["NOTIFY_SOCKET": manager.path])
            #expect(try manager.receive().hasPrefix("READY=1\n"))
            #expect(try Connection(to: .tcp(host: "127.0.0.1", port: port)).call("PING") == .status("PONG"))
            program.signal(SIGTERM)
            #expect(try manager.receive() == "STOPPING=1\n")
            #expect(try program.end().status == 0)
        }
    }
}

/// The datagram socket at which a service manager listens.
private final class NotificationSocket {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("notify-\(UUID().uuidString)").path
    private let descriptor: CInt

    init() throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout.size(ofValue: name))
        let status = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard status == 0 else { throw ConnectionFailure.system("bind", errno) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The next message.
    func receive() throws -> String {
        var bytes = Bytes(repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw ConnectionFailure.system("recv", errno) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
