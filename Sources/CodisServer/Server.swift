import Glibc
import Logging
import Memory
import RESP
import SlotStorage

/// The whole server: its state is one tree, changed in place by one thread.
///
/// `EventLoop/Server+Run.swift` drives it, `Clients/` moves bytes, `Commands/CommandDispatch.swift` runs commands.
struct Server: ~Copyable {
    var configuration: Configuration
    var logger: Logger
    var clock = Clock()
    var keyspace: Keyspace
    let commands: CommandRegistry
    var statistics = Statistics()
    var commandTimes = CommandTimes()
    var slowLog = SlowLog()
    var latencyMonitor = LatencyMonitor()
    var random = SplitMix()

    // Event loop
    var poller: Poller
    /// What each registered descriptor is, by descriptor.
    var sources: [EventSource] = []
    var lastRegistration: UInt32 = 0
    let helper: HelperThread
    var timers = Timers()
    var isStopping = false

    // Clients
    var clients: [UInt64: Client] = [:]
    var lastClientID: UInt64 = 0
    var readArea: ReadArea
    let replyChunks = ReplyChunkPool()
    /// Clients with replies to be written at the end of the turn.
    var writeQueue: [Client] = []
    /// Clients whose socket may hold more than was read in this turn.
    var readQueue: [Client] = []
    /// Those of the last turn that were not read yet, the next one at the end.
    var readingQueue: [Client] = []
    /// Clients whose waiting is over, to be served before the next wait.
    var resumeQueue: [Client] = []
    /// Clients whose connection has ended in this turn.
    var closedClients: [Client] = []
    var monitors: [UInt64] = []
    var outputLimits = OutputLimits()
    /// What clients said with CLIENT SETINFO, by number.
    var libraries: [UInt64: ClientLibrary] = [:]
    var pubSub = PubSub()
    /// See WATCH.
    var watchers = Watchers()
    /// See CLIENT PAUSE.
    var pause = ClientPause()

    /// Clients that wait for elements of lists.
    var blockedClients = BlockedClients()

    var propagation = Propagation()
    var appendOnlyFile: AppendOnlyFile

    // Persistence
    var snapshot = SnapshotWork()
    /// Finishes and writes snapshots: a thread of its own, so that nobody waits behind a large file.
    let snapshotWriter: HelperThread
    var saves: Saves

    var scripting: Scripting

    // Migration
    var migration = Migration()

    var replication = Replication()

    /// Whether clients that have not sent the right AUTH may do nothing else.
    var requiresPassword: Bool
    /// Changes of the data set since the start.
    var dirty = 0
    /// Where the background sweep for expired keys stands.
    var expirySweep = ExpirySweep()
    var activeExpiryIsOn = true
    var watchdog = Watchdog()
    /// How far `maxmemory` is kept.
    var eviction = Eviction()
    /// Whether entries note how often they are used, and not when: see `maxmemory-policy`.
    var countsUses: Bool
    var expiryRule = ExpiryRule.removes

    /// Random, new at each start: 40 hexadecimal digits.
    let runID: String
    let startedAt: Int64
    /// While the data set is read from a file.
    var loading: Loading?
    let memory = MemoryCounter()
    /// Bytes in use before there were clients or data.
    private(set) var startupMemory = 0

    init(
        configuration: Configuration, commands: consuming CommandRegistry, logger: Logger,
        poller: consuming Poller, helper: HelperThread, snapshotWriter: HelperThread,
        appendOnlyFile: consuming AppendOnlyFile
    ) {
        self.configuration = configuration
        requiresPassword = !configuration.requirepass.isEmpty
        countsUses = configuration.maxmemoryPolicy.countsUses
        self.logger = logger
        self.commands = commands
        self.poller = poller
        self.helper = helper
        self.snapshotWriter = snapshotWriter
        self.appendOnlyFile = appendOnlyFile
        keyspace = Keyspace(databaseCount: configuration.databases, hashSeed: .random(in: 0 ... .max))
        readArea = ReadArea()
        scripting = Scripting(replyChunks: replyChunks)
        runID = Self.randomIdentifier()
        startedAt = clock.seconds
        saves = Saves(startedAt: clock.seconds)
        chooseSampling()
        updateAccessClock()
        startupMemory = memory.balance
    }

    /// 40 random hexadecimal digits.
    static func randomIdentifier() -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<40).map { _ in digits[Int.random(in: 0..<16)] })
    }

    /// Bytes in use, those of the helper threads included: `used_memory`.
    var usedMemory: Int { memory.balance + helper.memoryBalance + snapshotWriter.memoryBalance }
}
