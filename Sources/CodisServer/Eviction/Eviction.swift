import SlotStorage

/// The work of keeping within `maxmemory`, from one turn of the event loop to the next.
///
/// Keys are evicted before a command that finds too much memory in use, for ``turnLimit`` in a turn by all commands
/// together. What is left then, as after `CONFIG SET maxmemory` to much less, is done turn by turn and in slices of the
/// background. Meanwhile readers go on, and commands that may add memory share half of what was freed in the turn; more
/// of them wait for the next one. So no turn is long, and memory falls until it is within the limit.
struct Eviction {
    /// What is to be said of the memory in use after some work.
    enum Outcome {
        case withinLimit
        /// There is more to evict than there was time for.
        case underWay
        /// Nothing is left that may be evicted.
        case exhausted
    }

    /// Nanoseconds.
    static let turnLimit: Int64 = 1_000_000

    var pool = EvictionPool()
    /// Keys that are looked at, good for no longer than that.
    var sample: [Entry] = []
    /// Keys that are still to be looked at for the next eviction; negative when there were more than needed.
    var wanted = 0
    /// For what is evicted without a command.
    var budget = BackgroundBudget()
    /// Whether the last work ended for want of time.
    private(set) var isUnderWay = false
    /// Clients whose next command waits for memory.
    private(set) var waiters: [UInt64] = []

    /// Nanoseconds of this turn that were used.
    private var used: Int64 = 0
    /// Bytes that were freed in this turn.
    private var freed = 0
    /// Bytes in use up to which commands may add to them while eviction is under way.
    private var ceiling = 0

    var hasTime: Bool { used < Self.turnLimit }

    /// Nanoseconds that are left in this turn.
    var timeLeft: Int64 { max(0, Self.turnLimit - used) }

    /// Whether a command may add to so many bytes in use while eviction is under way.
    func admits(memory: Int) -> Bool { memory <= ceiling }

    /// Notes what was done and what came of it.
    mutating func note(_ outcome: Outcome, time: Int64, freed bytes: Int, memory: Int) {
        used += time
        freed += bytes
        isUnderWay = outcome == .underWay
        ceiling = memory + freed / 2
    }

    /// The client's next command waits for the next turn.
    mutating func wait(_ client: UInt64) { waiters.append(client) }

    /// Begins a turn, and answers who waited for it.
    mutating func beginTurn() -> [UInt64] {
        used = 0
        freed = 0
        if waiters.isEmpty { return [] }
        defer { waiters = [] }
        return waiters
    }

    /// Milliseconds the event loop may sleep: until the next slice, or without end.
    func longestWait(from now: Int64) -> Int32 {
        isUnderWay ? Int32(clamping: (budget.pause(from: now) + 999_999) / 1_000_000) : .max
    }
}
