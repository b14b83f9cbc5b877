import Foundation
import Synchronization

/// A stand-in for the target of a migration, with one fixed misbehaviour.
final class FakeTarget: Sendable {
    struct Specification: Decodable, Sendable {
        enum Kind: String, Decodable, Sendable {
            /// Refuses connections.
            case down
            /// Never completes a connection.
            case full
            /// Reads and never answers.
            case mute
            /// Closes at once.
            case close
            /// Answers each command with the next of `replies`, then does as `then` says.
            case script
        }

        enum Ending: String, Decodable, Sendable {
            case mute, close
            /// Repeats the last reply.
            case last
        }

        var kind: Kind
        var replies: [ByteForm]?
        var then: Ending?
    }

    let host = Socket.freshLoopbackHost()
    let port: Int
    private let specification: Specification
    private let replies: [Bytes]
    private let listener: Socket
    private let sockets: Mutex<[Socket]>

    init(_ specification: Specification) throws {
        self.specification = specification
        replies = try (specification.replies ?? []).map { try $0.bytes() }
        let backlog: CInt? =
            switch specification.kind {
            case .down: nil
            case .full: 0
            case .mute, .close, .script: 64
            }
        listener = try Socket.listen(host: host, backlog: backlog)
        port = listener.port
        sockets = Mutex([])
        switch specification.kind {
        case .down: break
        case .full:
            // A few connections that nobody accepts fill the queue of a listener without a backlog.
            let fillers = try (0..<4).map { _ in try Socket.beginConnecting(host: host, port: port) }
            sockets.withLock { $0 = fillers }
            usleep(50_000)
        case .mute, .close, .script:
            let listener = listener
            Thread.detachNewThread { [weak self] in
                while let client = listener.accept() { self?.serve(client) }
            }
        }
    }

    deinit {
        stop()
    }

    func stop() {
        listener.shutDown()
        for socket in sockets.withLock({ $0 }) { socket.shutDown() }
        sockets.withLock { $0 = [] }
    }

    private func serve(_ client: Socket) {
        if specification.kind == .close { return }
        sockets.withLock { $0.append(client) }
        let (kind, then, replies) = (specification.kind, specification.then ?? .mute, replies)
        Thread.detachNewThread {
            // A socket that fails ends the conversation, and that is all there is to do.
            if kind == .script {
                try? FakeTarget.answer(client, replies, then)
            } else {
                while let bytes = try? client.receive(), !bytes.isEmpty {}
            }
        }
    }

    private static func answer(_ client: Socket, _ replies: [Bytes], _ then: Specification.Ending) throws {
        var parser = ReplyParser()
        var used = 0
        while let bytes = try client.receive() {
            parser.append(bytes)
            // A command has the form of an array of bulk strings.
            while try parser.next() != nil {
                if used < replies.count {
                    try client.send(replies[used])
                    used += 1
                    if used == replies.count && then == .close { return client.shutDown() }
                } else if then == .last, let last = replies.last {
                    try client.send(last)
                }
            }
        }
    }
}
