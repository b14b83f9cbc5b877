import Memory
import RESP
import SlotStorage

/// The connection to the master that this server follows, and what has come of it.
///
/// Life: it waits a second, finds the address, connects, greets, asks for the stream from where this server is, reads
/// a snapshot if it has to, and then executes commands until the connection breaks; then it begins again.
final class MasterLink {
    enum Phase: Equatable {
        /// Not connected; tried again in the next second.
        case waiting
        case resolving
        case connecting
        case greeting(Greeting)
        /// Waiting for the line that tells the length of the snapshot.
        case awaitingSnapshot
        case receivingSnapshot
        /// Executing the stream.
        case online
    }

    /// What the master answers next.
    enum Greeting: Equatable {
        case ping, auth, port, abilities, handover, psync, sync
    }

    /// How the end of a snapshot is found.
    enum SnapshotEnd {
        /// So many bytes are still to come.
        case length(Int)
        /// These 40 bytes follow.
        case mark([UInt8])
    }

    let address: MasterAddress
    /// Counts links, so that what comes late from the helper thread is not taken for another one's.
    let number: Int
    var phase = Phase.waiting
    /// -1 while there is no socket.
    var descriptor: Int32 = -1
    var registration: UInt32 = 0
    /// Addresses that have not been tried.
    var addresses: [Socket.Address] = []
    var waitsForWritable = false
    var output = ReplyBuffer()
    var input = ByteBuffer()

    /// Unix time in seconds of the last bytes.
    var lastHeard: Int64
    /// Unix time in seconds since when it has not been online.
    var downSince: Int64
    /// Unix time in seconds; not before then is the next attempt.
    var nextAttempt: Int64
    /// Whether the data set of this server is the stream's at the offset, so that it can go on there.
    var canContinue: Bool
    /// The master hands over its place on request: it is of this kind.
    var handsOver = false
    /// The master has said that nothing more will come.
    var isDrained = false

    // MARK: While a snapshot comes

    var loader: KeyspaceLoader?
    var snapshotEnd = SnapshotEnd.length(0)
    /// Whether the loader has complete entries that were not stored yet.
    var hasMoreToLoad = false
    var snapshotBegan: Int64 = 0
    var lastNewline: Int64 = 0
    /// What the master calls the stream, and where in it the snapshot lies.
    var announcedID: ReplicationID?
    var announcedOffset: Int64 = 0

    // MARK: While commands come

    /// Whom commands are run for; there while the stream may be executed.
    var client: Client?
    /// Bytes of `input` that have been executed, or queued between MULTI and EXEC.
    var executed = 0
    /// The next command changes a value that is being written to a snapshot.
    var isHeldBack = false
    /// Why the stream cannot go on.
    var failure: String?
    /// The names of commands that the master sent and that could not be executed, each once.
    var unknownCommands: Set<String> = []

    init(to address: MasterAddress, number: Int, canContinue: Bool, now: Int64) {
        self.address = address
        self.number = number
        self.canContinue = canContinue
        lastHeard = now
        downSince = now
        nextAttempt = now
    }

    /// The state as ROLE names it.
    var stateName: StaticString {
        switch phase {
        case .waiting, .resolving: "connect"
        case .connecting, .greeting: "connecting"
        case .awaitingSnapshot, .receivingSnapshot: "sync"
        case .online: "connected"
        }
    }

    var isOnline: Bool { phase == .online }

    var isReceivingSnapshot: Bool { phase == .awaitingSnapshot || phase == .receivingSnapshot }
}
