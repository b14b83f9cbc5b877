import SlotStorage

/// The sending side of all migrations: links to targets, jobs, pins.
///
/// A migration never stops the event loop, but within EXEC (`Server+DrivenMigrations.swift`). Its command makes a
/// `MigrationJob` and suspends the caller; the job waits for the `MigrationLink` to its target, pins its keys, sends
/// them, and ends when the target has answered: keys gone and the number of them replied, or pins gone and an error
/// replied. Steps are in `Server+MigrationJobs.swift`, the conversation in `Server+MigrationLinks.swift`.
struct Migration: ~Copyable {
    /// Every link that exists, by its number; retired ones too.
    var links: [Int: MigrationLink] = [:]
    /// The link that new jobs for a target use.
    var current: [MigrationTarget: Int] = [:]
    var lastLinkNumber = 0
    var pins = Pins()
    /// Seconds after which an unused connection is closed, as in codis-server.
    static let idleLimit: Int64 = 15

    /// The links of asynchronous migrations, by their database.
    var asyncLinks: [Int: AsyncLink] = [:]
    var workspace = KeyTransfer.Workspace()
    var progress = MigrationProgress()
    var leftovers = Leftovers()
    /// Large values on their way in.
    var arrivals = Arrivals()

    var hasPins: Bool { !pins.isEmpty }
    /// The longest time that a client waited for a pin, in nanoseconds.
    var longestPinWait: Int64 = 0
    /// Links that have something to send, by number.
    var dirtyLinks: [Int] = []
    /// Whether a link could send more at once: keys are serialised in portions, one in each turn.
    var hasMoreToSend: Bool { !dirtyLinks.isEmpty || !removals.isEmpty }

    var allLinks: [OutgoingLink] { Array(links.values) + Array(asyncLinks.values) }

    func link(numbered number: Int) -> OutgoingLink? {
        links[number] ?? asyncLinks.values.first { $0.number == number }
    }

    /// Whether keys of the database are being given away asynchronously.
    func isBatchUnderWay(in database: Int) -> Bool { asyncLinks[database]?.batch != nil }

    /// Those that are not done in one turn.
    var removals: [Removal] = []

    /// Jobs and batches whose caller waits.
    var activeJobs = 0
    private var nextCheck: Int64 = 0
    /// Timeouts are kept to this many nanoseconds.
    private static let checkInterval: Int64 = 10_000_000

    /// Milliseconds the event loop may sleep: until deadlines are looked at again, or without end.
    var longestWait: Int32 { activeJobs > 0 ? Int32(Self.checkInterval / 1_000_000) : .max }

    /// Whether deadlines are to be looked at now; the next time is set.
    mutating func isCheckDue(_ now: Int64) -> Bool {
        guard activeJobs > 0, now >= nextCheck else { return false }
        nextCheck = now + Self.checkInterval
        return true
    }
}
