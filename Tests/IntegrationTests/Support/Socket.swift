import Foundation

/// Where a server listens.
enum Address: Hashable, Sendable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    var description: String {
        switch self {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

/// Why a connection gave nothing.
enum ConnectionFailure: Error, CustomStringConvertible {
    case closed
    case timedOut(Duration)
    case system(String, CInt)

    var description: String {
        switch self {
        case .closed: "the other side closed the connection"
        case .timedOut(let time): "no reply within \(time)"
        case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
        }
    }
}

/// A stream socket. It is closed when the last reference goes; `shutDown` ends it at once for every thread.
final class Socket: Sendable {
    let descriptor: CInt

    init(adopting descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// A new socket of a family (`AF_INET`, `AF_UNIX`).
    private convenience init(family: CInt) throws {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ConnectionFailure.system("socket", errno) }
        self.init(adopting: descriptor)
    }

    /// A connection to a server that listens at `address`.
    /// - Parameter source: the local IPv4 address it comes from, where the system is not to choose.
    static func connect(to address: Address, from source: String? = nil) throws -> Socket {
        switch address {
        case .tcp(let host, let port):
            let socket = try Socket(family: AF_INET)
            if let source { try socket.bind(to: source) }
            var name = try internetName(host, port)
            let size = socklen_t(MemoryLayout.size(ofValue: name))
            let status = withUnsafePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket.descriptor, $0, size) }
            }
            guard status == 0 else { throw ConnectionFailure.system("connect to \(address)", errno) }
            socket.sendWithoutDelay()
            return socket
        case .unix(let path):
            let socket = try Socket(family: AF_UNIX)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout.size(ofValue: name))
            let status = withUnsafePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket.descriptor, $0, size) }
            }
            guard status == 0 else { throw ConnectionFailure.system("connect to \(address)", errno) }
            return socket
        }
    }

    private func bind(to host: String) throws {
        var name = try Self.internetName(host, 0)
        let size = socklen_t(MemoryLayout.size(ofValue: name))
        let status = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, size) }
        }
        guard status == 0 else { throw ConnectionFailure.system("bind to \(host)", errno) }
    }

    /// A socket that listens at a port the system chooses. Without a backlog (nil) it is bound only: nobody can
    /// connect, and nobody else can take the port.
    static func listen(host: String = "127.0.0.1", port: Int = 0, backlog: CInt? = 64) throws -> Socket {
        let socket = try Socket(family: AF_INET)
        var name = try internetName(host, port)
        let size = socklen_t(MemoryLayout.size(ofValue: name))
        let status = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(socket.descriptor, $0, size) }
        }
        guard status == 0 else { throw ConnectionFailure.system("bind", errno) }
        if let backlog, Glibc.listen(socket.descriptor, backlog) != 0 {
            throw ConnectionFailure.system("listen", errno)
        }
        return socket
    }

    /// Begins to connect and does not wait for the outcome.
    static func beginConnecting(host: String, port: Int) throws -> Socket {
        let socket = try Socket(family: AF_INET)
        _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
        var name = try internetName(host, port)
        let size = socklen_t(MemoryLayout.size(ofValue: name))
        _ = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket.descriptor, $0, size) }
        }
        return socket
    }

    private static func internetName(_ host: String, _ port: Int) throws -> sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port).bigEndian
        guard inet_pton(AF_INET, host, &name.sin_addr) == 1 else {
            throw ConnectionFailure.system("address \(host)", EINVAL)
        }
        return name
    }

    private func sendWithoutDelay() {
        var yes: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
    }

    /// The port a listening socket got.
    var port: Int {
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout.size(ofValue: name))
        _ = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return Int(in_port_t(bigEndian: name.sin_port))
    }

    /// The next client of a listening socket; nil once it was shut down.
    func accept() -> Socket? {
        let client = Glibc.accept(descriptor, nil, nil)
        guard client >= 0 else { return nil }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        let socket = Socket(adopting: client)
        socket.sendWithoutDelay()
        return socket
    }

    /// Sends all bytes; waits for the other side to read, but no longer than `timeout` without progress.
    func send(_ bytes: some Collection<UInt8>, timeout: Duration = .seconds(15)) throws {
        let bytes = ContiguousArray(bytes)
        try bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                try wait(for: POLLOUT, timeout: timeout)
                let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
                let count = Glibc.send(descriptor, buffer.baseAddress! + sent, buffer.count - sent, flags)
                if count < 0 && errno != EAGAIN && errno != EINTR { throw ConnectionFailure.system("send", errno) }
                sent += max(count, 0)
            }
        }
    }

    /// The next bytes that come, at most `limit`; nil when the other side has ended.
    func receive(limit: Int = 1 << 18, timeout: Duration? = nil) throws -> Bytes? {
        while true {
            if let timeout { try wait(for: POLLIN, timeout: timeout) }
            var count = 0
            let bytes = Bytes(unsafeUninitializedCapacity: limit) { buffer, filled in
                count = recv(descriptor, buffer.baseAddress, limit, 0)
                filled = max(count, 0)
            }
            if count > 0 { return bytes }
            if count == 0 { return nil }
            if errno != EINTR && errno != EAGAIN { throw ConnectionFailure.system("receive", errno) }
        }
    }

    /// Waits until the socket is ready for `events` or has failed.
    private func wait(for events: CInt, timeout: Duration) throws {
        let deadline = ContinuousClock.now + timeout
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let ready = poll(&entry, 1, CInt(max(0, left.milliseconds.rounded(.up))))
            if ready > 0 { return }
            if ready == 0 { throw ConnectionFailure.timedOut(timeout) }
            if errno != EINTR { throw ConnectionFailure.system("poll", errno) }
        }
    }

    /// Ends both directions; a thread that waits in `accept` or `receive` returns.
    func shutDown() {
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// Makes the closing of this socket a reset instead of an orderly end.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// A loopback address that is new to every server, since servers keep migration connections by address.
    static func freshLoopbackHost() -> String {
        "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...254)).\(Int.random(in: 1...254))"
    }
}

extension Duration {
    var milliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1e3 + Double(attoseconds) / 1e15
    }

    var seconds: Double { milliseconds / 1e3 }
}
