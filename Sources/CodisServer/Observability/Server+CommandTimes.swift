import RESP

extension Server {
    /// The longest value in bytes, and the most arguments, of a call that counts as short.
    private static let longestShortValue = 4096
    private static let mostShortArguments = 32
    /// A slow log that wants calls below so many microseconds needs every call measured.
    private static let shortestSampledThreshold = 1000

    /// Whether the time of a call is told well enough by that of others like it: the commands that are `fast` by the
    /// table and GET's relatives, while their arguments are small. See `CommandTimes`.
    @inline(__always)
    func isShort(_ spec: CommandSpec, _ request: Request) -> Bool {
        !spec.flags.isDisjoint(with: [.fast, .oftenShort]) && request.count <= Self.mostShortArguments
            && (request.count < 3 || request.byteCount(at: 2) <= Self.longestShortValue)
    }

    /// Measures every call while the slow log is to have ones so short that none may be left out.
    mutating func chooseSampling() {
        commandTimes.measureAll((0..<Self.shortestSampledThreshold).contains(configuration.slowlogLogSlowerThan))
    }

    /// Counts a call that began at `start`, and tells the slow log and the latency monitor of it.
    @inline(never)
    mutating func recordTime(_ command: Command, from start: Int64, isShort: Bool, _ request: Request) {
        let time = Clock.monotonicNow() - start
        commandTimes.record(command, time, isShort: isShort)
        let microseconds = Int(time / 1000)
        let event: LatencyEvent = commands[command].flags.contains(.fast) ? .fastCommand : .command
        recordLatency(event, milliseconds: microseconds / 1000)
        let threshold = configuration.slowlogLogSlowerThan
        guard threshold >= 0, microseconds >= threshold else { return }
        slowLog.add(
            SlowLog.arguments(of: request), time: Clock.microsecondsNow() / 1_000_000, duration: microseconds,
            keeping: configuration.slowlogMaxLen)
    }

    /// Notes an event for LATENCY if it took long enough.
    mutating func recordLatency(_ event: LatencyEvent, milliseconds: Int) {
        let threshold = configuration.latencyMonitorThreshold
        guard threshold > 0, milliseconds >= threshold else { return }
        latencyMonitor.record(event, milliseconds, at: Clock.microsecondsNow() / 1_000_000)
    }

    /// `INFO commandstats`
    func writeCommandTimesInfo(to text: inout InfoText) {
        for spec in CommandSpec.all {
            let record = commandTimes[spec.command]
            guard record.calls > 0 else { continue }
            let time = record.microseconds
            let mean = InfoText.twoDecimals(Double(time) / Double(record.calls))
            text.field("cmdstat_\(spec.name)", "calls=\(record.calls),usec=\(time),usec_per_call=\(mean)")
        }
    }
}
