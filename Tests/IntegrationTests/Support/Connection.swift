import Foundation

/// A client of a server: blocking, with a limit for every wait.
final class Connection {
    /// How long a reply may take.
    let timeout: Duration

    private let socket: Socket
    private var parser = ReplyParser()
    private var ended = false

    init(to address: Address, from source: String? = nil, timeout: Duration = .seconds(15)) throws {
        self.timeout = timeout
        self.socket = try Socket.connect(to: address, from: source)
    }

    deinit {
        close()
    }

    // MARK: Sending

    /// Sends bytes as they are.
    func send(_ bytes: some Collection<UInt8>) throws {
        try socket.send(bytes, timeout: timeout)
    }

    // MARK: Receiving

    /// The next reply.
    func receive(timeout: Duration? = nil) throws -> Reply {
        try receiveWithBytes(timeout: timeout).reply
    }

    /// The next reply, and the bytes that it came in.
    func receiveWithBytes(timeout: Duration? = nil) throws -> (reply: Reply, raw: Bytes) {
        let limit = timeout ?? self.timeout
        let deadline = ContinuousClock.now + limit
        while true {
            if let found = try parser.next() { return found }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw ConnectionFailure.timedOut(limit) }
            try fill(timeout: left, reported: limit)
        }
    }

    /// Everything that comes until the server closes (`closed`) or nothing more comes for `quiet`.
    func receiveAll(quiet: Duration) throws -> (bytes: Bytes, closed: Bool) {
        var bytes = parser.takeUnread()
        while true {
            do {
                guard let more = try socket.receive(timeout: quiet) else { return (bytes, true) }
                bytes += more
            } catch ConnectionFailure.timedOut {
                return (bytes, false)
            } catch ConnectionFailure.system(_, ECONNRESET) {
                return (bytes, true)
            }
        }
    }

    /// The next bytes as they come, at least one.
    func receiveSome() throws -> Bytes {
        let unread = parser.takeUnread()
        if !unread.isEmpty { return unread }
        guard let bytes = try socket.receive(limit: 1 << 20, timeout: timeout) else { throw ConnectionFailure.closed }
        return bytes
    }

    /// Whether the server ends the connection within `limit`, without another reply.
    func isClosed(within limit: Duration = .seconds(3)) throws -> Bool {
        let (bytes, closed) = try receiveAll(quiet: limit)
        return closed && bytes.isEmpty
    }

    private func fill(timeout: Duration, reported: Duration) throws {
        do {
            guard let bytes = try socket.receive(timeout: timeout) else { throw ConnectionFailure.closed }
            parser.append(bytes)
        } catch ConnectionFailure.timedOut {
            throw ConnectionFailure.timedOut(reported)
        }
    }

    // MARK: Both

    /// Sends a command and gives its reply.
    @discardableResult
    func call(_ arguments: any CommandArgument...) throws -> Reply {
        try call(arguments.map(\.argumentBytes))
    }

    /// Sends a command and gives its reply.
    @discardableResult
    func call(_ arguments: [Bytes], timeout: Duration? = nil) throws -> Reply {
        try send(encodeCommand(arguments))
        return try receive(timeout: timeout)
    }

    /// Ends the connection; a reset instead of an orderly end if `abruptly`.
    func close(abruptly: Bool = false) {
        guard !ended else { return }
        ended = true
        if abruptly { socket.resetOnClose() } else { socket.shutDown() }
    }
}
