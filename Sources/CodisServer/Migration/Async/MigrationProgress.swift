import SlotStorage

/// What migrations have moved since the start of the server, and how fast they are.
struct MigrationProgress {
    /// Keys that targets have acknowledged.
    var keys = 0
    /// Bytes of keys and values sent.
    var bytes = 0

    private(set) var keyRate = RateMeter()
    private(set) var byteRate = RateMeter()
    private var lastSample: Int64 = 0
    /// Nanoseconds between two samples, at least: the rates are means of the last two seconds, about.
    private static let sampleInterval: Int64 = 100_000_000

    /// Takes a sample for the rates, in nanoseconds of `Clock.monotonic`.
    mutating func sample(at now: Int64) {
        guard now >= lastSample + Self.sampleInterval else { return }
        lastSample = now
        keyRate.record(keys, at: now)
        byteRate.record(bytes, at: now)
    }
}

extension AsyncBatch {
    /// How much of the batch is written: whole keys, and of the one that is under way the elements.
    var fractionWritten: Double {
        guard !keys.isEmpty else { return 0 }
        let elements = transfer.map { Double($0.elementsSent) / Double(max($0.entry.memberCount, 1)) } ?? 0
        return (Double(keysWritten) + elements) / Double(keys.count)
    }

    /// Milliseconds that the rest will take if it goes on as it did; `nil` as long as nothing can be said.
    func estimatedMillisecondsLeft(at now: Int64) -> Int? {
        let fraction = fractionWritten
        guard fraction > 0 else { return nil }
        return Int(Double(now - began) / 1e6 * (1 - fraction) / fraction)
    }
}
