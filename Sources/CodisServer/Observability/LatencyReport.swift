/// What LATENCY DOCTOR says: the figures of each event, and what may be done. The words are those of Redis 2.8.
struct LatencyReport {
    private let configuration: Configuration
    /// Unix time in seconds.
    private let now: Int64

    init(_ configuration: Configuration, now: Int64) {
        self.configuration = configuration
        self.now = now
    }

    func text(on series: [LatencyMonitor.Series]) -> String {
        let threshold = configuration.latencyMonitorThreshold
        if series.isEmpty { return (threshold == 0 ? Words.disabled : Words.nothing) + "\n" }
        var text = Words.greeting + "\n\n"
        for (index, one) in series.enumerated() {
            let period = InfoText.twoDecimals(Double(one.period(now: now)) / Double(one.samples.count))
            text += "\(index + 1). \(one.event.rawValue): \(one.samples.count) latency spikes "
            text += "(average \(one.average)ms, mean deviation \(one.meanDeviation)ms, period \(period) sec). "
            text += "Worst all time event \(one.worst)ms.\n"
        }
        // Every event has some advice.
        text += "\n" + Words.advice + "\n\n"
        return text + advice(for: series.map(\.event)).map { $0 + "\n" }.joined()
    }

    private func advice(for events: [LatencyEvent]) -> [String] {
        var advice: [String] = []
        let threshold = configuration.latencyMonitorThreshold
        if events.contains(.command) {
            if configuration.slowlogLogSlowerThan == 0 {
                advice.append(
                    Words.enableSlowLog + " 'CONFIG SET slowlog-log-slower-than \(threshold * 1000)'." + Words.whyEnable
                )
            } else if configuration.slowlogLogSlowerThan / 1000 > threshold {
                advice.append(Words.tuneSlowLog + " 'CONFIG SET slowlog-log-slower-than \(threshold * 1000)'.")
            }
            advice.append(Words.inspectSlowLog)
        }
        if events.contains(.fastCommand) { advice.append(Words.scheduler) }
        if events.contains(.expireCycle), configuration.hz < 100 { advice.append(Words.frequency) }
        if events.contains(where: { $0 != .fastCommand }) { advice.append(Words.largeObjects) }
        if events.contains(.evictionCycle) { advice.append(Words.massEviction) }
        return advice
    }
}

/// The sentences, a line each in the report.
private enum Words {
    static let disabled = """
        I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \
        "CONFIG SET latency-monitor-threshold <milliseconds>." in order to enable it. If we weren't in a \
        deep space mission I'd suggest to take a look at http://redis.io/topics/latency-monitor.
        """
    static let nothing = """
        Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest \
        bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.
        """
    static let greeting = """
        Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you \
        Dave?
        """
    static let advice = """
        I have a few advices for you:
        """
    static let enableSlowLog = """
        - There are latency issues with potentially slow commands you are using. Try to enable the Slow Log \
        Redis feature using the command
        """
    static let whyEnable = """
         If the Slow log is disabled Redis is not able to log slow commands execution for you.
        """
    static let tuneSlowLog = """
        - Your current Slow Log configuration only logs events that are slower than your configured latency \
        monitor threshold. Please use
        """
    static let inspectSlowLog = """
        - Check your Slow Log to understand what are the commands you are running which are too slow to \
        execute. Please check http://redis.io/commands/slowlog for more information.
        """
    static let scheduler = """
        - The system is slow to execute Redis code paths not containing system calls. This usually means the \
        system does not provide Redis CPU time to run for long periods. You should try to:
        1) Lower the system load.
        2) Use a computer / VM just for Redis if you are running other softawre in the same system.
        3) Check if you have a "noisy neighbour" problem.
        4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.
        5) Check if the problem is allocator-related by recompiling Redis with MALLOC=libc, if you are using \
        Jemalloc. However this may create fragmentation problems.
        """
    static let frequency = """
        - In order to make the Redis keys expiring process more incremental, try to set the 'hz' \
        configuration parameter to 100 using 'CONFIG SET hz 100'.
        """
    static let largeObjects = """
        - Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking \
        operation. If you have very large objects that are often deleted, expired, or evicted, try to \
        fragment those objects into multiple smaller objects.
        """
    static let massEviction = """
        - Sudden changes to the 'maxmemory' setting via 'CONFIG SET', or allocation of large objects via \
        sets or sorted sets intersections, STORE option of SORT, Redis Cluster large keys migrations \
        (RESTORE command), may create sudden memory pressure forcing the server to block trying to evict \
        keys.
        """
}
