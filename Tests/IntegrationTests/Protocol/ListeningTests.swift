import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// Where a server can be reached.
    @Suite struct ListeningTests {
        @Test("a unix socket beside TCP, with its permissions, gone at the end")
        func unixSocket() throws {
            let folder = FileManager.default.temporaryDirectory
            let path = folder.appendingPathComponent("\(UUID().uuidString.prefix(8)).sock").path
            let server = try ServerProcess.start(["unixsocket": [path], "unixsocketperm": ["700"]])
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
            let local = try Connection(to: .unix(path: path))
            let remote = try server.connect()
            #expect(try remote.call("SET", "key", "value") == .ok)
            #expect(try local.call("GET", "key") == .bulk("value"))
            let clients = try local.call("CLIENT", "LIST").bytes?.latin1 ?? ""
            #expect(clients.contains("addr=\(path):0 "), "\(clients)")
            try server.stop()
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        @Test("a unix socket alone: port 0")
        func unixSocketOnly() throws {
            let folder = FileManager.default.temporaryDirectory
            let path = folder.appendingPathComponent("\(UUID().uuidString.prefix(8)).sock").path
            let program = try Program(["--port", "0", "--unixsocket", path, "--save", ""])
            try program.waitUntilAnswering(.unix(path: path))
            #expect(try program.listeningPorts().isEmpty)
            program.signal(SIGTERM)
            #expect(try program.end().status == 0)
        }

        @Test("several addresses, and no other")
        func severalAddresses() throws {
            let server = try ServerProcess.start(["bind": ["127.0.0.1", "127.1.2.3"]])
            for host in ["127.0.0.1", "127.1.2.3"] {
                #expect(try Connection(to: .tcp(host: host, port: server.port)).call("PING") == .status("PONG"))
            }
            #expect(throws: ConnectionFailure.self) {
                try Connection(to: .tcp(host: "127.1.2.4", port: server.port))
            }
            try server.stop()
        }

        @Test("without bind every address is listened at")
        func everyAddress() throws {
            let server = try ServerProcess.start()
            for host in ["127.0.0.1", "127.1.2.3"] {
                #expect(try Connection(to: .tcp(host: host, port: server.port)).call("PING") == .status("PONG"))
            }
            if LoopbackIPv6.exists { #expect(try LoopbackIPv6.ping(server.port) == Bytes(text: "+PONG\r\n")) }
            try server.stop()
        }

        @Test("IPv6", .enabled(if: LoopbackIPv6.exists, "the machine has no ::1"))
        func ipv6() throws {
            let server = try ServerProcess.start(["bind": ["127.0.0.1", "::1"]])
            #expect(try LoopbackIPv6.ping(server.port) == Bytes(text: "+PONG\r\n"))
            #expect(try server.connect().call("PING") == .status("PONG"))
            let socket = try LoopbackIPv6.connect(server.port)
            try socket.send(command("CLIENT", "LIST"))
            let reply = try #require(try socket.receive(timeout: .seconds(5)))
            #expect(reply.latin1.contains("addr=[::1]:"), "\(reply.latin1)")
            try server.stop()

            let alone = try ServerProcess.start(["bind": ["127.0.0.1"]])
            #expect(throws: ConnectionFailure.self) { try LoopbackIPv6.connect(alone.port) }
            try alone.stop()
        }

        @Test("a port that is taken: a message and status 1")
        func portTaken() throws {
            let taken = try Socket.listen(host: "127.0.0.1")
            let end = try Program(["--port", String(taken.port), "--bind", "127.0.0.1"]).end()
            #expect(end.status == 1 && end.exited)
            #expect(end.output.contains("Address already in use"), "\(end.output)")
        }
    }
}

/// The address `::1`, which not every machine has.
enum LoopbackIPv6 {
    static let exists: Bool = {
        let descriptor = socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withName(port: 0) { bind(descriptor, $0, $1) } == 0
    }()

    static func connect(_ port: Int) throws -> Socket {
        let descriptor = socket(AF_INET6, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ConnectionFailure.system("socket", errno) }
        let socket = Socket(adopting: descriptor)
        let status = withName(port: port) { Glibc.connect(descriptor, $0, $1) }
        guard status == 0 else { throw ConnectionFailure.system("connect to ::1", errno) }
        return socket
    }

    /// The answer to a PING.
    static func ping(_ port: Int) throws -> Bytes? {
        let socket = try connect(port)
        try socket.send(Bytes(text: "PING\r\n"))
        return try socket.receive(timeout: .seconds(5))
    }

    private static func withName(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = in_port_t(port).bigEndian
        name.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
