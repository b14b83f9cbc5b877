import Memory
import RESP
import SlotStorage

/// One command that moves keys to another server, from its arguments to its reply.
final class MigrationJob {
    /// What is to be moved.
    enum Subject {
        /// SLOTSMGRTONE
        case key([UInt8])
        /// MIGRATE: those that are there, each once.
        case keys([[UInt8]])
        /// SLOTSMGRTTAGONE: the group that the key names, which itself need not exist; the key alone if it has no tag.
        case tagGroup(of: [UInt8])
        /// SLOTSMGRTSLOT: any key of the slot.
        case anyKey(ofSlot: Int)
        /// SLOTSMGRTTAGSLOT: any key of the slot with its group.
        case anyTagGroup(ofSlot: Int)
    }

    /// How the target is asked to store a key.
    enum Form: Equatable {
        case slotsRestore
        /// MIGRATE: a RESTORE for each key, which stays here with `copies`, or where the target refuses it.
        case restore(copies: Bool, replaces: Bool)
    }

    let caller: UInt64
    let subject: Subject
    let form: Form
    let database: Int
    let targetDatabase: Int
    /// Milliseconds that each step may take: connecting, each progress in writing, the reply.
    let timeout: Int

    /// The keys under way, pinned: first those that go in pieces.
    var keys: [Entry] = []
    /// How many keys go in pieces, as an asynchronous migration sends them.
    var keysInPieces = 0
    /// Keys that have been serialised already.
    var serialised = 0
    /// The large key that is being sent in pieces, or being serialised.
    var transfer: KeyTransfer?
    var payload: PayloadTranscript?
    /// What there is of the payload.
    var payloadOutput = ReplyBuffer()
    var payloadLength = 0
    /// Keys that have left the database.
    var removed = 0
    /// Commands whose reply is still to come.
    var repliesExpected = 0
    /// Of MIGRATE: how many of the keys the target has answered, and which it has taken.
    var answered = 0
    var accepted: [Entry] = []
    /// The target's first refusal.
    var refusal: String?
    /// When the current step began, in nanoseconds of `Clock.monotonic`.
    var stepBegan: Int64
    /// Whether it was given to a second connection already, because the first was stale.
    var isSecondTry = false
    /// Its caller has the reply; what still comes from the target is for nobody.
    var isEnded = false

    init(
        caller: UInt64, subject: Subject, form: Form, database: Int, targetDatabase: Int, timeout: Int, now: Int64
    ) {
        self.caller = caller
        self.subject = subject
        self.form = form
        self.database = database
        self.targetDatabase = targetDatabase
        self.timeout = timeout
        stepBegan = now
    }

    /// Takes out the keys that the target has taken, though it has refused others. O(keys).
    func takeAccepted() -> [Entry] {
        var left = accepted[...]
        keys.removeAll { key in
            guard key == left.first else { return false }
            left.removeFirst()
            return true
        }
        defer { accepted = [] }
        return accepted
    }

    /// Forgets the keys, whose pins have gone; the job may begin anew.
    func forgetKeys() {
        keys = []
        removed = 0
        accepted = []
        transfer = nil
        payload = nil
        payloadOutput.removeAll()
        payloadLength = 0
    }

    func deadline(progressAt progress: Int64) -> Int64 {
        max(stepBegan, progress) + Int64(timeout) * 1_000_000
    }

    /// How many keys one command to the target carries: SLOTSRESTORE has room for 349,525, since a request has at most
    /// 1,048,576 arguments.
    var keysPerCommand: Int { form == .slotsRestore ? 349_525 : 1 }

    /// What makes a key large, so that it is not sent in one go: as in an asynchronous migration.
    var limits: TransferLimits {
        // The timeout is for each step, and short; a value of which a part has arrived lives longer than any of them.
        TransferLimits(
            timeout: max(timeout, 30_000), bulks: TransferLimits.mostBulks, bytes: TransferLimits.mostBytes)
    }

    /// The slot whose rest is counted in the reply.
    var slot: Int? {
        switch subject {
        case .anyKey(let slot), .anyTagGroup(let slot): slot
        case .key, .keys, .tagGroup: nil
        }
    }
}

/// Why a migration failed, in the words of the specification (section 6) and of Redis' MIGRATE.
enum MigrationFailure {
    case resolve(String)
    case connect
    case write
    case read
    case auth
    /// With the target's own words.
    case select(String)
    case refused(String)

    func reply(to form: MigrationJob.Form) -> String {
        form == .slotsRestore ? replyToSlotsCommand : replyToMigrate
    }

    private var replyToSlotsCommand: String {
        switch self {
        case .resolve(let text): "ERR Can't connect to target node: \(text)"
        case .connect: "IOERR error or timeout connecting to the client"
        case .write: "IOERR error or timeout writing to target"
        case .read: "IOERR error or timeout reading from target"
        case .auth: "ERR error on slotsrestore, auth failed"
        case .select: "ERR error on slotsrestore, select failed"
        case .refused: "ERR error on slotsrestore, migration failed"
        }
    }

    private var replyToMigrate: String {
        switch self {
        case .resolve, .connect, .auth: replyToSlotsCommand
        case .write: "IOERR error or timeout writing to target instance"
        case .read: "IOERR error or timeout reading from target node"
        case .select(let text), .refused(let text): "ERR Target instance replied with error: \(text)"
        }
    }
}
