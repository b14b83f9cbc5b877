import LiveServer

/// Requests a second and processor time a request, of all servers in turn.
///
/// All servers run the whole time and hold the same keys, so that every GET finds one and every SET overwrites one.
/// Within a round each load goes to one server after the other, in an order that shifts from round to round:
/// what else the machine does then falls upon all of them.
struct RequestContest {
    let contestants: [Contestant]
    let tests: [RequestTest]
    let pipelines: [Int]
    let rounds: Int
    let seconds: Double
    let keys: Int

    func run() throws -> [Row] {
        let servers = try contestants.map { contestant in
            progress("filling \(contestant.name)")
            let server = try ServerProcess(executable: contestant.executable)
            try fill(server)
            return server
        }
        defer { for server in servers { server.stop() } }

        let knows = try servers.map { try commands(of: $0) }
        let loads = pipelines.flatMap { pipeline in
            tests.filter { $0.isMeasured(atPipeline: pipeline) }.map { RequestLoad(test: $0, pipeline: pipeline) }
        }
        var outcomes = [RequestLoad: [[RequestLoad.Outcome]]]()
        for round in 0..<rounds {
            for load in loads {
                progress("round \(round + 1) of \(rounds): \(load.subject)")
                for turn in servers.indices {
                    let index = (turn + round) % servers.count
                    guard knows[index].contains(load.test.command) else { continue }
                    let earlier = outcomes[load]?[index].last?.requestsPerSecond
                    let rate = try earlier ?? warmUp(load, on: servers[index])
                    let outcome = try load.run(
                        on: servers[index], requests: load.requests(for: seconds, at: rate), keys: keys)
                    outcomes[load, default: servers.map { _ in [] }][index].append(outcome)
                }
            }
        }
        // Of a range, the pushing that comes before it is in the processor's time.
        return rows(.requestRate, loads, outcomes, \.requestsPerSecond)
            + rows(.processorTime, loads.filter { !$0.test.isRange }, outcomes, \.processorTimePerRequest)
    }

    /// The names that `redis-benchmark -r` uses, with values of three bytes as it writes them.
    private func fill(_ server: ServerProcess) throws {
        let connection = try server.connect()
        try connection.load(0..<keys) { ["SET", KeyName.numbered($0), "xxx"] }
        if tests.contains(where: { $0.name == "incr" }) {
            try connection.load(0..<keys) { ["SET", KeyName.counter($0), "0"] }
        }
    }

    /// The commands of the tests that a server knows; elder ones lack some.
    private func commands(of server: ServerProcess) throws -> Set<String> {
        let connection = try server.connect()
        return Set(
            try tests.map(\.command).filter { command in
                guard case .error(let text) = try connection.call(command) else { return true }
                return !text.contains("unknown command")
            })
    }

    /// A short run that shows about how fast the server is.
    private func warmUp(_ load: RequestLoad, on server: ServerProcess) throws -> Double {
        let requests = load.requests(for: seconds / 10, at: load.test.expectedRate(pipeline: load.pipeline))
        return try load.run(on: server, requests: requests, keys: keys).requestsPerSecond
    }

    private func rows(
        _ measure: Measure, _ loads: [RequestLoad], _ outcomes: [RequestLoad: [[RequestLoad.Outcome]]],
        _ figure: KeyPath<RequestLoad.Outcome, Double>
    ) -> [Row] {
        loads.map { load in
            let samples = zip(contestants, outcomes[load, default: []]).filter { !$1.isEmpty }.map {
                contestant, rounds in
                Samples(server: contestant.name, rounds: rounds.map { $0[keyPath: figure] })
            }
            return Row(
                measure, load.subject, ours: samples[0], peers: Array(samples.dropFirst()), goal: goal(measure, load),
                note: measure == .requestRate ? note(outcomes[load, default: []][0]) : nil)
        }
    }

    /// A word of warning when our server may have waited for `redis-benchmark`, which has only one thread.
    private func note(_ rounds: [RequestLoad.Outcome]) -> String? {
        let busy = rounds.map(\.clientBusy).reduce(0, +) / Double(rounds.count)
        return busy > 0.9 ? "the load generator was busy for \(Int(busy * 100)) % of the time" : nil
    }

    private func goal(_ measure: Measure, _ load: RequestLoad) -> Goal? {
        switch (measure, load.pipeline) {
        case (.requestRate, 2...) where ["get", "set"].contains(load.test.name): .ratioAtLeast(bound: 1.4)
        case (.requestRate, RequestTest.usualPipeline): .ratioAtLeast(bound: 1.2)
        case (.processorTime, 1): .ratioAtMost(bound: 0.9)
        default: nil
        }
    }
}
