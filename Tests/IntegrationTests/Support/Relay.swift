import Foundation
import Synchronization

/// A door to a server, at an address of its own, through which connections can be made to fail.
///
/// Without a fault it passes everything on. Servers keep migration connections by address, so a new relay is
/// also the way to a connection that nobody has used before.
final class Relay: Sendable {
    /// Which of the two streams a fault concerns.
    enum Direction: String, Sendable, CaseIterable {
        case toServer, toClient
    }

    /// What goes wrong with a connection once `bytes` bytes have passed in a direction.
    struct Fault: Sendable, CustomStringConvertible {
        enum Effect: Sendable, Equatable {
            /// The connection ends, on both sides.
            case cut
            /// Nothing more passes in this direction, and nothing ends.
            case stall
            /// The rest waits that long.
            case delay(Duration)
            /// The next byte is passed on with all its bits turned; the others are untouched.
            case corrupt
        }

        var effect: Effect
        var direction: Direction
        var bytes: Int
        /// Whether the connections after the first one suffer too.
        var everyConnection = false

        var description: String { "\(effect) \(direction) after \(bytes) bytes" }
    }

    private struct State {
        var fault: Fault?
        var sockets: [Socket] = []
        var connections = 0
        var passed: [Direction: Int] = [:]
        var stopped = false
    }

    let host = Socket.freshLoopbackHost()
    let port: Int
    private let server: Address
    private let listener: Socket
    private let state: Mutex<State>

    var address: Address { .tcp(host: host, port: port) }

    init(to server: Address, fault: Fault? = nil) throws {
        self.server = server
        listener = try Socket.listen(host: host)
        port = listener.port
        state = Mutex(State(fault: fault))
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let client = listener.accept() { self?.serve(client) }
        }
    }

    deinit {
        stop()
    }

    /// How many connections were made so far.
    var connections: Int { state.withLock(\.connections) }

    /// How many bytes have passed in a direction, over all connections.
    func passed(_ direction: Direction) -> Int {
        state.withLock { $0.passed[direction] ?? 0 }
    }

    /// Changes what happens to connections made from now on; nil lets all pass.
    func setFault(_ fault: Fault?) {
        state.withLock { $0.fault = fault }
    }

    /// Ends all connections now and keeps listening.
    func cutConnections() {
        for socket in state.withLock({ state in
            defer { state.sockets = [] }
            return state.sockets
        }) { socket.shutDown() }
    }

    /// Ends all connections and listens no longer.
    func stop() {
        state.withLock { $0.stopped = true }
        listener.shutDown()
        cutConnections()
    }

    private func serve(_ client: Socket) {
        guard let server = try? Socket.connect(to: server) else {
            client.shutDown()
            return
        }
        let fault: Fault? = state.withLock { state in
            state.connections += 1
            state.sockets += [client, server]
            defer { if state.fault?.everyConnection == false { state.fault = nil } }
            return state.stopped ? nil : state.fault
        }
        for direction in Direction.allCases {
            let (from, to) = direction == .toServer ? (client, server) : (server, client)
            let own = fault?.direction == direction ? fault : nil
            Thread.detachNewThread { [weak self] in
                Relay.pump(from, to, fault: own) { count in
                    self?.state.withLock { $0.passed[direction, default: 0] += count }
                }
                from.shutDown()
                to.shutDown()
            }
        }
    }

    /// Passes on what comes until either side ends or the fault ends the connection.
    private static func pump(_ from: Socket, _ to: Socket, fault: Fault?, count: (Int) -> Void) {
        var left = fault.map(\.bytes) ?? .max
        var fault = fault
        do {
            if left == 0, fault?.effect == .cut { return }
            while var bytes = try from.receive() {
                if let effect = fault?.effect, bytes.count >= left {
                    try pass(bytes.prefix(left), to, count)
                    bytes.removeFirst(left)
                    switch effect {
                    case .cut: return
                    case .stall:
                        while try from.receive() != nil {}
                        return
                    case .delay(let time): Thread.sleep(forTimeInterval: time.seconds)
                    case .corrupt:
                        guard !bytes.isEmpty else {
                            left = 0
                            continue
                        }
                        bytes[0] ^= 0xFF
                    }
                    fault = nil
                }
                try pass(bytes[...], to, count)
                left -= fault == nil ? 0 : bytes.count
            }
        } catch {
            // Either side has ended: so does the pump.
        }
    }

    private static func pass(_ bytes: ArraySlice<UInt8>, _ to: Socket, _ count: (Int) -> Void) throws {
        guard !bytes.isEmpty else { return }
        try to.send(bytes)
        count(bytes.count)
    }
}
