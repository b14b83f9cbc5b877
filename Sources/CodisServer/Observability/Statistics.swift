/// What the server counts for INFO, since its start or since CONFIG RESETSTAT.
struct Statistics {
    var connectionsReceived = 0
    /// Connections refused since `maxclients` were there.
    var rejectedConnections = 0
    var commandsProcessed = 0

    /// Bytes read from clients.
    var networkInput = 0
    /// Bytes written to clients.
    var networkOutput = 0

    var keyspaceHits = 0
    var keyspaceMisses = 0
    /// Keys removed since their time had passed.
    var expiredKeys = 0
    /// Keys and values that the helper thread was given to free.
    var lazilyFreed = 0
    /// Keys removed since memory was over `maxmemory`.
    var evictedKeys = 0

    /// The highest ``Server/usedMemory`` that was seen; CONFIG RESETSTAT keeps it.
    private(set) var peakMemory = 0

    /// Nanoseconds between two samples, at least.
    private static let sampleInterval: Int64 = 100_000_000
    private var lastSample: Int64 = 0

    private(set) var commandRate = RateMeter()
    private(set) var inputRate = RateMeter()
    private(set) var outputRate = RateMeter()

    /// Takes a sample for the figures per second, ten times a second as in Redis if called often enough. `now` is in
    /// nanoseconds.
    mutating func sample(at now: Int64) {
        guard now >= lastSample + Self.sampleInterval else { return }
        lastSample = now
        commandRate.record(commandsProcessed, at: now)
        inputRate.record(networkInput, at: now)
        outputRate.record(networkOutput, at: now)
    }

    /// Notes the memory in use at this moment.
    mutating func sampleMemory(_ bytes: Int) { peakMemory = max(peakMemory, bytes) }

    /// CONFIG RESETSTAT.
    mutating func reset() {
        let peak = peakMemory
        self = Statistics()
        peakMemory = peak
    }
}
