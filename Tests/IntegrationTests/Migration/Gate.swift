import Foundation
import Synchronization
import Testing

/// A way to a migration target that keeps its answers back until the test lets them go.
///
/// Meanwhile the keys under way are pinned at the source, for as long as the test likes.
final class Gate: Sendable {
    /// What the threads that carry the bytes look at; it may outlive the gate.
    private final class Door: Sendable {
        enum Position {
            case closed, open, cut
        }

        struct State {
            var position = Position.closed
            var held = 0
            var sockets: [Socket] = []
        }

        let state = Mutex(State())

        /// Keeps `count` bytes back until the gate opens; throws when it is cut.
        func hold(_ count: Int) throws {
            state.withLock { $0.held += count }
            while true {
                switch state.withLock({ $0.position }) {
                case .open: return
                case .cut: throw ConnectionFailure.closed
                case .closed: usleep(500)
                }
            }
        }
    }

    let endpoint: Endpoint
    private let listener: Socket
    private let door = Door()

    /// - Parameters:
    ///   - server: the target.
    ///   - passing: bytes of its first answers that go through at once: by default the answer to SELECT, so that the
    ///     keys themselves are sent.
    init(to server: Address, passing: Int = Bytes(text: "+OK\r\n").count) throws {
        let host = Socket.freshLoopbackHost()
        listener = try Socket.listen(host: host)
        endpoint = Endpoint(host: host, port: listener.port)
        let (listener, door) = (listener, door)
        Thread.detachNewThread {
            while let client = listener.accept() {
                guard let target = try? Socket.connect(to: server) else {
                    client.shutDown()
                    continue
                }
                door.state.withLock { $0.sockets += [client, target] }
                Gate.pump(client, target) { try target.send($0) }
                let left = Mutex(passing)
                Gate.pump(target, client) { bytes in
                    let free = left.withLock { left in
                        defer { left -= min(left, bytes.count) }
                        return min(left, bytes.count)
                    }
                    if free > 0 { try client.send(bytes.prefix(free)) }
                    guard free < bytes.count else { return }
                    try door.hold(bytes.count - free)
                    try client.send(bytes.dropFirst(free))
                }
            }
        }
    }

    deinit {
        stop()
    }

    private static func pump(_ from: Socket, _ to: Socket, pass: @escaping @Sendable (Bytes) throws -> Void) {
        Thread.detachNewThread {
            while let bytes = try? from.receive(), (try? pass(bytes)) != nil {}
            from.shutDown()
            to.shutDown()
        }
    }

    /// Waits until the target has answered and the answer lies here: the keys are at the target, and pinned.
    func waitUntilHeld() throws {
        try waitUntil(within: .seconds(20)) { door.state.withLock { $0.held } > 0 }
    }

    /// Lets everything through, now and later.
    func open() {
        door.state.withLock { $0.position = .open }
    }

    /// Ends all connections now; later ones are let through.
    func cut() {
        let sockets = door.state.withLock { state in
            state.position = .cut
            defer { state.sockets = [] }
            return state.sockets
        }
        for socket in sockets { socket.shutDown() }
        // What is held goes to a socket that has ended, if its thread did not notice the cut.
        open()
    }

    func stop() {
        listener.shutDown()
        cut()
    }
}
