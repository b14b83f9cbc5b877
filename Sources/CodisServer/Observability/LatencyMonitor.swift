/// What the latency monitor watches; the names are those that LATENCY shows.
enum LatencyEvent: String, CaseIterable {
    case command
    case fastCommand = "fast-command"
    case expireCycle = "expire-cycle"
    case evictionCycle = "eviction-cycle"
    case slotMigration = "slot-migration"
}

/// The worst delays of the last time for each kind of event, at most one for a second.
struct LatencyMonitor {
    struct Sample {
        /// Unix time in seconds.
        let time: Int64
        /// Milliseconds.
        var latency: Int
    }

    /// The samples of one event, the oldest first.
    struct Series {
        let event: LatencyEvent
        fileprivate(set) var samples: [Sample] = []
        /// The worst since LATENCY RESET, in milliseconds. A sample that grows within its second does not count.
        fileprivate(set) var worst = 0
    }

    /// `LATENCY_TS_LEN` of Redis.
    fileprivate static let mostSamples = 160

    /// The events that have happened, the first to happen first.
    private(set) var series: [Series] = []

    mutating func record(_ event: LatencyEvent, _ latency: Int, at time: Int64) {
        let index: Int
        if let known = series.firstIndex(where: { $0.event == event }) {
            index = known
        } else {
            index = series.count
            series.append(Series(event: event))
        }
        series[index].record(latency, at: time)
    }

    func series(named name: String) -> Series? { series.first { $0.event.rawValue == name } }

    /// Forgets an event, named in any case of letters, or all; answers how many there were.
    mutating func reset(_ name: String?) -> Int {
        let before = series.count
        series.removeAll { name == nil || $0.event.rawValue == name?.lowercased() }
        return before - series.count
    }
}

extension LatencyMonitor.Series {
    fileprivate mutating func record(_ latency: Int, at time: Int64) {
        if let last = samples.last, last.time == time {
            samples[samples.count - 1].latency = max(last.latency, latency)
            return
        }
        if samples.count == LatencyMonitor.mostSamples { samples.removeFirst() }
        samples.append(LatencyMonitor.Sample(time: time, latency: latency))
        worst = max(worst, latency)
    }

    /// Mean of the samples in milliseconds.
    var average: Int { samples.isEmpty ? 0 : samples.reduce(0) { $0 + $1.latency } / samples.count }

    /// Mean distance of the samples from their ``average``, in milliseconds.
    var meanDeviation: Int {
        samples.isEmpty ? 0 : samples.reduce(0) { $0 + abs(average - $1.latency) } / samples.count
    }

    /// Seconds from the oldest sample to now, at least one.
    func period(now: Int64) -> Int64 { max(1, now - (samples.first?.time ?? now)) }
}
