import Foundation

/// A blocking connection to a server on this machine that speaks Redis' protocol.
///
/// Any failure of the socket is thrown as `ServerFailure`. One thread uses a connection at a time.
public final class Connection {
    /// For `poll`.
    public let descriptor: CInt
    private var input = ReplyBuffer()

    public init(port: UInt16) throws {
        descriptor = try LoopbackAddress.connect(port: port)
    }

    deinit { close(descriptor) }

    /// Sends one command and waits for its reply, which may be an error.
    public func call(_ arguments: String...) throws -> Reply { try call(arguments) }

    /// Sends one command and waits for its reply, which may be an error.
    public func call(_ arguments: [String]) throws -> Reply {
        var commands = CommandBuffer()
        commands.append(arguments)
        try send(commands.bytes)
        return try nextReply()
    }

    /// Sends all `commands` in one go and then takes their replies.
    ///
    /// For batches of some thousand commands: the server must hold the replies until all are sent.
    /// - Throws: `ServerFailure` also when a reply is an error.
    public func pipeline(_ commands: CommandBuffer) throws {
        try send(commands.bytes)
        for _ in 0..<commands.count {
            if case .error(let text) = try nextReply() { throw ServerFailure("the server answered -\(text)") }
        }
    }

    /// Sends all of `bytes`, waiting while the server does not read.
    public func send(_ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { all in
            var rest = unsafe all[...]
            while unsafe !rest.isEmpty {
                let count = unsafe Foundation.send(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                    CInt(MSG_NOSIGNAL))
                if count > 0 {
                    unsafe rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    throw ServerFailure("sending failed: \(systemErrorText())")
                }
            }
        }
    }

    /// The next reply, waiting until it is complete.
    public func nextReply() throws -> Reply {
        while true {
            if let reply = try input.next() { return reply }
            try receive()
        }
    }

    /// Waits until the socket has bytes and takes at most 64 KiB of them.
    private func receive() throws {
        try unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65_536) { block in
            while true {
                let count = unsafe recv(descriptor, block.baseAddress, block.count, 0)
                if count > 0 {
                    unsafe input.append(block[..<count])
                    return
                }
                if count == 0 { throw ServerFailure("the server closed the connection") }
                if errno != EINTR { throw ServerFailure("receiving failed: \(systemErrorText())") }
            }
        }
    }
}

/// What `errno` says, in words.
func systemErrorText() -> String {
    unsafe String(cString: strerror(errno))
}
