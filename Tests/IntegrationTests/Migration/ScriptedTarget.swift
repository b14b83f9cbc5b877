import Foundation
import Synchronization

/// A stand-in for the target of a migration that does on each connection what a test says.
final class ScriptedTarget: Sendable {
    /// One connection to it.
    final class Conversation {
        fileprivate let socket: Socket
        private var parser = ReplyParser()

        fileprivate init(_ socket: Socket) {
            self.socket = socket
        }

        /// Waits for the next command; throws when the other side has ended.
        @discardableResult
        func command() throws -> [Bytes] {
            while true {
                // A command has the form of an array of bulk strings.
                if let (request, _) = try parser.next() { return (request.items ?? []).compactMap(\.bytes) }
                try more()
            }
        }

        private func more() throws {
            guard let bytes = try socket.receive() else { throw ConnectionFailure.closed }
            parser.append(bytes)
        }

        func answer(_ text: String) throws {
            try socket.send(Bytes(text: text))
        }

        func send(_ bytes: Bytes) throws {
            try socket.send(bytes)
        }

        /// Reads what comes and says nothing, until the other side ends.
        func listen() throws {
            while try socket.receive() != nil {}
        }
    }

    let endpoint: Endpoint
    private let listener: Socket
    private let sockets = Mutex<[Socket]>([])
    private let count = Mutex(0)

    /// - Parameter script: what happens on a connection; the connection ends when it returns or throws.
    init(_ script: @escaping @Sendable (Conversation) throws -> Void) throws {
        let host = Socket.freshLoopbackHost()
        listener = try Socket.listen(host: host)
        endpoint = Endpoint(host: host, port: listener.port)
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let client = listener.accept() {
                guard let self else { return client.shutDown() }
                self.count.withLock { $0 += 1 }
                self.sockets.withLock { $0.append(client) }
                Thread.detachNewThread {
                    try? script(Conversation(client))
                    client.shutDown()
                }
            }
        }
    }

    deinit {
        stop()
    }

    /// How many connections were made so far.
    var connections: Int { count.withLock { $0 } }

    func stop() {
        listener.shutDown()
        let all = sockets.withLock { sockets in
            defer { sockets = [] }
            return sockets
        }
        for socket in all { socket.shutDown() }
    }
}
