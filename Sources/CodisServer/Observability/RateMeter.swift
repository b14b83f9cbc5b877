/// How fast a counter counts: the mean of its last 16 samples, as Redis 2.8 has it for `instantaneous_ops_per_sec`.
struct RateMeter {
    /// `REDIS_METRIC_SAMPLES`.
    private static let sampleCount = 16

    /// Counts per second.
    private var samples = [16 of Double](repeating: 0)
    private var next = 0
    private var last: (total: Int, time: Int64)?

    /// Takes a sample: the counter stands at `total` at `now`, in nanoseconds of any clock that never goes back. The
    /// first call only begins the measurement.
    mutating func record(_ total: Int, at now: Int64) {
        if let last {
            guard now > last.time else { return }
            samples[next] = Double(total - last.total) * 1e9 / Double(now - last.time)
            next = (next + 1) % Self.sampleCount
        }
        last = (total, now)
    }

    /// Counts per second. Samples that were not taken yet count as zero.
    var perSecond: Double {
        var sum = 0.0
        for index in 0..<Self.sampleCount { sum += samples[index] }
        return sum / Double(Self.sampleCount)
    }
}
