import Memory
import RESP

/// A connection to a client: a handle to its state, without a reference count.
///
/// Clients end between two turns of the event loop only (`Server.endClosedClients`), so a handle is good for the turn
/// in which it was got. What has to remember a client for longer keeps its ``ClientState/id``.
typealias Client = Handle<ClientState>

extension Handle where Value == ClientState {
    /// The state of the connection, changed in place.
    var state: ClientState {
        @inline(__always) _read { yield value }
        @inline(__always) nonmutating _modify { yield &value }
    }

    /// Where replies to the client go.
    var reply: ReplyBuffer {
        @inline(__always) _read { yield value.reply }
        @inline(__always) nonmutating _modify { yield &value.reply }
    }
}

/// Everything the server knows of one connection. About 300 bytes; an idle connection holds no buffers.
struct ClientState: ~Copyable {
    /// Counts up from 1 and is never used again.
    let id: UInt64
    let descriptor: Int32
    /// Of the descriptor, see `Poller`.
    let registration: UInt32
    let isUnixSocket: Bool
    /// Unix time in seconds.
    let connectedAt: Int64

    var parser = RequestParser()
    /// Bytes that came and do not make a whole request yet, or wait until the client goes on.
    var input = ByteBuffer()
    var reply: ReplyBuffer

    /// The selected database.
    var database = 0
    var flags: Flags = []
    /// Unix time in seconds of the last bytes from or to the client.
    var lastInteraction: Int64
    var lastCommand: Command?
    /// As given by CLIENT SETNAME.
    var name: [UInt8] = []
    /// Between the first WATCH or MULTI and EXEC, DISCARD or UNWATCH.
    var transaction: Transaction?
    /// While there are any.
    var subscriptions: Subscriptions?
    /// From the first REPLCONF, PSYNC or SYNC.
    var replica: Replica?

    struct Flags: OptionSet {
        let rawValue: UInt32
        /// Sent the right AUTH; counts only while there is a password.
        static let isAuthenticated = Flags(rawValue: 1 << 0)
        /// Replies wait to be written at the end of this turn.
        static let isInWriteQueue = Flags(rawValue: 1 << 1)
        /// The socket took less than there is; the poller tells when it takes more.
        static let waitsForWritable = Flags(rawValue: 1 << 2)
        /// No more requests are read, and the connection ends when the replies are written.
        static let closesAfterReply = Flags(rawValue: 1 << 3)
        /// The connection has ended; the state goes at the end of the turn.
        static let isClosed = Flags(rawValue: 1 << 4)
        static let isMonitor = Flags(rawValue: 1 << 5)
        /// The reply to the last command is still to come; later ones wait.
        static let waitsForReply = Flags(rawValue: 1 << 6)
        /// The next command writes to a pinned key and waits until the pin goes.
        static let waitsForPin = Flags(rawValue: 1 << 7)
        /// Requests lie in `input` that can be executed now.
        static let isInResumeQueue = Flags(rawValue: 1 << 8)
        /// The socket may hold more than was read.
        static let isInReadQueue = Flags(rawValue: 1 << 9)
        /// The other end has closed: it is read until its end, since nothing new will be told.
        static let isEnding = Flags(rawValue: 1 << 10)
        /// Between MULTI and EXEC or DISCARD: commands are queued.
        static let isInTransaction = Flags(rawValue: 1 << 11)
        /// Subscribed to channels or patterns: few commands are allowed.
        static let isSubscribed = Flags(rawValue: 1 << 12)
        /// Its commands are executed in one go: those that would wait answer as if their time had passed.
        static let mayNotWait = Flags(rawValue: 1 << 13)
        /// CLIENT REPLY OFF.
        static let repliesAreOff = Flags(rawValue: 1 << 14)
        /// CLIENT REPLY SKIP: the next reply is dropped.
        static let skipsReply = Flags(rawValue: 1 << 15)
        /// The next command waits for memory, and nothing more is read until it was tried again.
        static let waitsForMemory = Flags(rawValue: 1 << 16)
        /// A replica that has asked for the stream: it gets that, and no replies.
        static let isReplica = Flags(rawValue: 1 << 20)
    }

    init(
        id: UInt64, descriptor: Int32, registration: UInt32, isUnixSocket: Bool, now: Int64, replyChunks: ReplyChunkPool
    ) {
        reply = ReplyBuffer(pool: replyChunks)
        self.id = id
        self.descriptor = descriptor
        self.registration = registration
        self.isUnixSocket = isUnixSocket
        connectedAt = now
        lastInteraction = now
    }

    /// Whether no further request may be executed now.
    var isSuspended: Bool { !flags.isDisjoint(with: [.waitsForReply, .waitsForPin, .closesAfterReply, .isClosed]) }
}
