import Memory
import RESP

/// The connection to one target, shared by all callers and databases: commands go out pipelined, replies come back in
/// order.
///
/// Life: resolving (on the helper thread, unless the host is numeric) → connecting → ready → gone. A link whose
/// conversation went wrong is *retired*: it takes no more jobs and ends with the last reply that is still due.
final class MigrationLink {
    enum Phase {
        case resolving
        case connecting
        /// Connected; AUTH, if there is one, may still be under way.
        case ready
    }

    /// What a reply line will be for.
    enum Expectation {
        case auth
        case select(Int)
        case keys(MigrationJob)
    }

    let number: Int
    let target: MigrationTarget
    var phase = Phase.resolving
    /// -1 until there is a socket.
    var descriptor: Int32 = -1
    var registration: UInt32 = 0
    /// Addresses that have not been tried.
    var addresses: [Socket.Address] = []

    /// Jobs that have not begun: they wait for the connection, for AUTH, or for another database to be selected.
    var waiting: [MigrationJob] = []
    /// Jobs whose keys are pinned and not all serialised.
    var feeding: [MigrationJob] = []
    var expectations: [Expectation] = []
    var isAuthenticated = false
    var selectedDatabase: Int?
    /// Whether a whole conversation has succeeded on this connection, so that a failure of the next may just mean that
    /// it went stale.
    var hasServed = false
    /// Bytes of the target since the last command was sent.
    var hasAnswered = false
    var isRetired = false
    var waitsForWritable = false

    var output = ReplyBuffer()
    var input = ByteBuffer()
    /// When bytes last went out or came in, in nanoseconds of `Clock.monotonic`.
    var lastProgress: Int64
    /// Unix time in seconds of the last use, for the idle limit.
    var lastUse: Int64

    init(number: Int, target: MigrationTarget, clock: Clock) {
        self.number = number
        self.target = target
        lastProgress = clock.monotonic
        lastUse = clock.seconds
    }

    var isIdle: Bool { waiting.isEmpty && feeding.isEmpty && expectations.isEmpty }
}

/// Where a link goes: the literal text of the command, so that `localhost:1` and `127.0.0.1:1` are two.
struct MigrationTarget: Hashable {
    let host: String
    let port: Int
    /// SLOTSMGRT* present the server's own password, MIGRATE none.
    let authenticates: Bool

    var description: String { "\(host):\(port)" }
}
