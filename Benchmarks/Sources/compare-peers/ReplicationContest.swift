import Foundation
import LiveServer

/// How fast a replica gets the whole data set, what a client of the master notices of it, and what a replica costs its
/// master from then on. Every server replicates to itself.
struct ReplicationContest {
    let contestants: [Contestant]
    let rounds: Int
    let seconds: Double
    /// That the master holds.
    let keys: Int

    private static let pipeline = 16

    /// How the snapshot travels.
    private enum Way: CaseIterable {
        case file, streamed

        var subject: String { self == .file ? "by way of a file" : "streamed" }

        /// Redis 2.8.17 knows one way only, and no options for it.
        func options(_ contestant: Contestant) -> [String] {
            if contestant.name == "redis-2.8.17" { return [] }
            return self == .file
                ? ["--repl-diskless-sync", "no"]
                : ["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"]
        }
    }

    /// What one full resync brought to light.
    private struct FullSync {
        let keysPerSecond: Double
        let delays: Delays
    }

    func run() throws -> [Row] {
        var rows: [Row] = []
        for way in Way.allCases {
            let syncs = try contestants.map { contestant in
                try (1...rounds).map { round in
                    progress("full sync \(way.subject), \(contestant.name), round \(round) of \(rounds)")
                    return try fullSync(contestant, way)
                }
            }
            rows.append(row(.fullSyncRate, way.subject, syncs, goal: .ratioAtLeast(bound: 1.3), \.keysPerSecond))
            rows.append(row(.fullSyncDelay, way.subject, syncs, goal: .atMost(bound: 5), \.delays.longest))
        }
        return rows + (try steadyRows())
    }

    private func row(
        _ measure: Measure, _ subject: String, _ syncs: [[FullSync]], goal: Goal,
        _ figure: KeyPath<FullSync, Double>
    ) -> Row {
        let samples = zip(contestants, syncs).map { contestant, rounds in
            Samples(server: contestant.name, rounds: rounds.map { $0[keyPath: figure] })
        }
        return Row(measure, subject, ours: samples[0], peers: Array(samples.dropFirst()), goal: goal)
    }

    // MARK: The whole data set

    private func fullSync(_ contestant: Contestant, _ way: Way) throws -> FullSync {
        let master = try ServerProcess(executable: contestant.executable, options: way.options(contestant))
        defer { master.stop() }
        let replica = try ServerProcess(executable: contestant.executable, options: way.options(contestant))
        defer { replica.stop() }
        let names = (0..<1000).map { KeyName.numbered($0) }
        try master.connect().load(0..<keys) { ["SET", KeyName.numbered($0), "value:0123456789"] }

        let bystander = try Bystander(port: master.port, keys: names)
        let start = ContinuousClock.now
        try follow(replica, master)
        let time = (ContinuousClock.now - start) / .seconds(1)
        let delays = try bystander.stop()
        let arrived = try replica.connect().call("DBSIZE").integer
        guard arrived == keys else { throw ServerFailure("\(arrived ?? -1) of \(keys) keys arrived") }
        return FullSync(keysPerSecond: Double(keys) / time, delays: delays)
    }

    /// Makes one server follow the other, and waits until it does.
    private func follow(_ replica: ServerProcess, _ master: ServerProcess) throws {
        let connection = try replica.connect()
        _ = try connection.call("SLAVEOF", "127.0.0.1", "\(master.port)")
        let deadline = Date(timeIntervalSinceNow: 120)
        while Date() < deadline {
            // While it loads the snapshot, a Redis answers with an error, or not at all.
            if try connection.call("INFO", "replication").text?.contains("master_link_status:up") == true { return }
            usleep(2_000)
        }
        throw ServerFailure("the replica did not follow its master within two minutes")
    }

    // MARK: The stream

    /// SET with and without a replica: the master's processor time tells the cost even where there are fewer cores than
    /// servers and clients.
    private func steadyRows() throws -> [Row] {
        let load = RequestLoad(test: RequestTest(name: "set"), pipeline: Self.pipeline)
        var time: [[Double]] = contestants.map { _ in [] }
        var rate = time
        for (index, contestant) in contestants.enumerated() {
            let master = try ServerProcess(
                executable: contestant.executable, options: ["--client-output-buffer-limit", "slave", "0", "0", "0"])
            defer { master.stop() }
            let replica = try ServerProcess(executable: contestant.executable)
            defer { replica.stop() }
            for round in 1...rounds {
                progress("replicated SET, \(contestant.name), round \(round) of \(rounds)")
                let connection = try replica.connect()
                _ = try connection.call("SLAVEOF", "NO", "ONE")
                let alone = try run(load, on: master)
                try follow(replica, master)
                let together = try run(load, on: master)
                time[index].append((together.processorTimePerRequest / alone.processorTimePerRequest - 1) * 100)
                rate[index].append((1 - together.requestsPerSecond / alone.requestsPerSecond) * 100)
            }
        }
        // A throughput of 85 % is a time of 118 %.
        return [
            steadyRow("processor time of a SET, pipeline 16", time, goal: .atMost(bound: 17.6)),
            steadyRow("requests a second lost, all on this machine", rate, goal: nil),
        ]
    }

    private func run(_ load: RequestLoad, on master: ServerProcess) throws -> RequestLoad.Outcome {
        let first = try load.run(on: master, requests: load.requests(for: seconds / 10, at: 500_000), keys: 100_000)
        let requests = load.requests(for: seconds, at: first.requestsPerSecond)
        return try load.run(on: master, requests: requests, keys: 100_000)
    }

    private func steadyRow(_ subject: String, _ figures: [[Double]], goal: Goal?) -> Row {
        let samples = zip(contestants, figures).map { Samples(server: $0.name, rounds: $1) }
        return Row(.replicaCost, subject, ours: samples[0], peers: Array(samples.dropFirst()), goal: goal)
    }
}
