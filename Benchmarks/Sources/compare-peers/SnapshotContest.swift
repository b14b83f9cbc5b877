import Foundation
import LiveServer

/// What BGSAVE costs the clients while writers are at full speed: their delay, their share of the speed, and memory.
struct SnapshotContest {
    let contestants: [Contestant]
    let rounds: Int
    let keys: Int

    /// What one BGSAVE was like.
    private struct Outcome {
        let before: Delays
        let during: Delays
        /// Of the rate before, in percent.
        let rate: Double
        /// Of the data, in percent.
        let memory: Double
        let seconds: Double
    }

    func run() throws -> [Row] {
        // Older versions fork as the newest does, and have no field for the memory they copy.
        let measured = Array(contestants.prefix(2))
        let outcomes = try measured.map { contestant in
            let server = try ServerProcess(executable: contestant.executable, options: ["--rdbcompression", "yes"])
            defer { server.stop() }
            progress("snapshot: filling \(contestant.name)")
            try server.connect().load(0..<keys) { ["SET", KeyName.numbered($0), Self.value($0)] }
            return try (1...rounds).map { round in
                progress("snapshot, round \(round) of \(rounds): \(contestant.name)")
                return try measure(server, isOurs: contestant.name == contestants[0].name)
            }
        }
        func row(_ measure: Measure, _ subject: String, goal: Goal? = nil, _ figure: (Outcome) -> Double) -> Row {
            let samples = zip(measured, outcomes).map { Samples(server: $0.name, rounds: $1.map(figure)) }
            return Row(measure, subject, ours: samples[0], peers: Array(samples.dropFirst()), goal: goal)
        }
        return [
            row(.snapshotDelay, "99.9th percentile before") { $0.before.percentile999 },
            row(.snapshotDelay, "99.9th percentile", goal: .atMost(bound: 2)) { $0.during.percentile999 },
            row(.snapshotDelay, "longest before") { $0.before.longest },
            row(.snapshotDelay, "longest", goal: .atMost(bound: 5)) { $0.during.longest },
            row(.snapshotRate, "\(keys) keys", goal: .atLeast(bound: 70)) { $0.rate },
            row(.snapshotMemory, "\(keys) keys", goal: .atMost(bound: 10)) { $0.memory },
            row(.snapshotTime, "\(keys) keys") { $0.seconds },
        ]
    }

    private static func value(_ number: Int) -> String { "value:\(number):0123456789abcdefghij".prefix(32).description }

    private func measure(_ server: ServerProcess, isOurs: Bool) throws -> Outcome {
        let control = try server.connect()
        let asked = (0..<1000).map { KeyName.numbered($0 * (keys / 1000)) }
        let writers = try WriteLoad(port: server.port, keys: keys)
        defer { writers.stop() }
        usleep(1_000_000)
        let quiet = try Bystander(port: server.port, keys: asked)
        let rateBefore = try rate(control) { seconds in
            usleep(20_000)
            _ = try control.info()
            return seconds < 3
        }
        let before = try quiet.stop()
        let data = try memory(control)

        let busy = try Bystander(port: server.port, keys: asked)
        let start = Date()
        _ = try control.call("BGSAVE")
        var peak = data
        let rateDuring = try rate(control) { _ in
            usleep(20_000)
            let info = try control.info()
            peak = max(peak, Int(info["used_memory"] ?? "") ?? 0)
            return info["rdb_bgsave_in_progress"] == "1"
        }
        let seconds = -start.timeIntervalSinceNow
        let during = try busy.stop()
        let info = try control.info()
        guard info["rdb_last_bgsave_status"] == "ok" else { throw ServerFailure("BGSAVE failed") }
        // A server that forks copies memory pages that it writes to meanwhile, and says how many.
        let copied = Int(info["rdb_last_cow_size"] ?? "") ?? 0
        return Outcome(
            before: before, during: during, rate: rateDuring / rateBefore * 100,
            memory: Double(isOurs ? peak - data : copied) / Double(data) * 100, seconds: seconds)
    }

    /// Commands a second as long as `goesOn`, which gets the seconds so far, says so.
    private func rate(_ control: Connection, while goesOn: (Double) throws -> Bool) throws -> Double {
        let start = Date()
        let first = try commands(control)
        while try goesOn(-start.timeIntervalSinceNow) {}
        return Double(try commands(control) - first) / -start.timeIntervalSinceNow
    }

    private func commands(_ control: Connection) throws -> Int {
        guard let count = try control.info()["total_commands_processed"].flatMap({ Int($0) }) else {
            throw ServerFailure("INFO shows no total_commands_processed")
        }
        return count
    }

    private func memory(_ control: Connection) throws -> Int {
        guard let used = try control.info()["used_memory"].flatMap({ Int($0) }) else {
            throw ServerFailure("INFO shows no used_memory")
        }
        return used
    }
}
