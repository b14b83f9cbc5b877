import Memory
import RESP

/// A connection that this server makes to another one to give keys to: what is the same for every conversation.
///
/// Life: resolving (on the helper thread, unless the host is numeric) → connecting → ready → gone. What is said over it
/// is the matter of its subclasses, which are asked by the methods below.
class OutgoingLink {
    enum Phase {
        case resolving
        case connecting
        case ready
    }

    let number: Int
    let target: MigrationTarget
    var phase = Phase.resolving
    /// -1 until there is a socket.
    var descriptor: Int32 = -1
    var registration: UInt32 = 0
    /// Addresses that have not been tried.
    var addresses: [Socket.Address] = []
    var waitsForWritable = false

    var output = ReplyBuffer()
    var input = ByteBuffer()
    /// When bytes last went out or came in, in nanoseconds of `Clock.monotonic`.
    var lastProgress: Int64
    /// Unix time in milliseconds of the last use.
    var lastUse: Int64

    init(number: Int, target: MigrationTarget, clock: Clock) {
        self.number = number
        self.target = target
        lastProgress = clock.monotonic
        lastUse = clock.milliseconds
    }

    /// The socket is connected.
    func hasConnected(_ server: inout Server) {}

    /// Bytes have come into ``input``.
    func hasReceived(_ server: inout Server) {}

    /// There was no connection to be had.
    func hasFailed(_ server: inout Server, _ failure: MigrationFailure) {}

    /// The connection has ended; `error` is `nil` where the other end closed it.
    func hasBroken(_ server: inout Server, _ failure: MigrationFailure, _ error: SystemError?) {}

    /// Puts more into ``output``, as much as is right for one turn.
    func feed(_ server: inout Server) {}

    /// Whether ``feed(_:)`` would have more.
    var hasMoreToSend: Bool { false }
}

/// Where a link goes: the literal text of the command, so that `localhost:1` and `127.0.0.1:1` are two.
struct MigrationTarget: Hashable {
    let host: String
    let port: Int
    /// SLOTSMGRT* present the server's own password, MIGRATE none.
    let authenticates: Bool

    var description: String { "\(host):\(port)" }
}
