import Memory
import RESP

/// The connection over which a database gives keys away asynchronously: messages go out, acknowledgements come back in
/// their order. There is one for each database at most, and one batch on it at a time.
final class AsyncLink: OutgoingLink {
    let database: Int
    /// What is under way.
    var batch: AsyncBatch?
    /// The clients that get the batch's reply: its caller, and those at the fence.
    var waiters: [UInt64] = []
    /// Whether the other end was told database and password, or is being told.
    var hasGreeted = false
    /// Milliseconds, of the last batch.
    var timeout = 0
    /// When the last acknowledgement came or the batch began, in nanoseconds of `Clock.monotonic`.
    var lastAcknowledgement: Int64
    var unacknowledged = MessageQueue()
    var parser = RequestParser()

    init(number: Int, target: MigrationTarget, database: Int, clock: Clock) {
        self.database = database
        lastAcknowledgement = clock.monotonic
        super.init(number: number, target: target, clock: clock)
    }

    /// Bytes in memory to be sent that stop the writing of more.
    private static let outputLimit = 256 * 1024
    /// Messages under way that do.
    private static let mostMessages = 16 * 1024

    /// Whether another message may be written now.
    var hasRoom: Bool {
        guard let batch, output.allocatedBytes < Self.outputLimit else { return false }
        return unacknowledged.isEmpty
            || unacknowledged.bytes < batch.limits.bytes && unacknowledged.count < Self.mostMessages
    }

    override var hasMoreToSend: Bool {
        guard let batch, !batch.isWaiting else { return false }
        return !batch.isWritten && hasRoom
    }

    override func hasConnected(_ server: inout Server) { server.begin(self) }

    override func hasReceived(_ server: inout Server) { server.readAcknowledgements(self) }

    override func hasFailed(_ server: inout Server, _ failure: MigrationFailure) {
        server.failedToConnect(self, failure)
    }

    override func hasBroken(_ server: inout Server, _ failure: MigrationFailure, _ error: SystemError?) {
        server.broken(self)
    }

    override func feed(_ server: inout Server) { server.feed(self) }
}

/// Why a batch ends before everything was acknowledged.
enum Interruption: String {
    case closed = "connection closed"
    case timeout = "migration timeout"
    case idle = "idle timeout"
    case canceled = "canceled"
    case replaced = "build new connection"
}

/// The messages that were written and not acknowledged, by their length.
struct MessageQueue {
    private var lengths: [Int] = []
    private var first = 0
    /// Bytes of all of them.
    private(set) var bytes = 0

    var isEmpty: Bool { first == lengths.count }
    var count: Int { lengths.count - first }

    mutating func append(_ length: Int) {
        lengths.append(length)
        bytes += length
    }

    mutating func removeFirst() {
        bytes -= lengths[first]
        first += 1
        if first == lengths.count {
            lengths.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 1024, first > lengths.count / 2 {
            lengths.removeFirst(first)
            first = 0
        }
    }

    mutating func removeAll() {
        lengths = []
        first = 0
        bytes = 0
    }
}
