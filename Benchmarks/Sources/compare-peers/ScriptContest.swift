import Foundation
import LiveServer

/// What scripts cost, of all servers in turn: the calls of a loop within one script, and the smallest script called often.
struct ScriptContest {
    /// A script without a word of work.
    private static let smallest = "return redis.call('get', KEYS[1])"
    private static let loop = "for i = 1, tonumber(ARGV[1]) do redis.call('get', KEYS[1]) end"
    private static let calls = 1_000_000

    let contestants: [Contestant]
    let rounds: Int
    let seconds: Double

    func run() throws -> [Row] {
        let servers = try contestants.map { try ServerProcess(executable: $0.executable) }
        defer { for server in servers { server.stop() } }
        var digest = ""
        for server in servers {
            let connection = try server.connect()
            _ = try connection.call("SET", "key:script", "xxx")
            digest = try connection.call("SCRIPT", "LOAD", Self.smallest).text ?? ""
        }
        let load = RequestLoad(
            test: RequestTest(name: "evalsha"), pipeline: 16, command: ["EVALSHA", digest, "1", "key:script"])
        var loops = servers.map { _ in [Double]() }
        var rates = servers.map { _ in [Double]() }
        for round in 0..<rounds {
            progress("round \(round + 1) of \(rounds): scripts")
            for turn in servers.indices {
                let index = (turn + round) % servers.count
                loops[index].append(try callsPerSecond(servers[index]))
                let guess = rates[index].last ?? 100_000
                let outcome = try load.run(
                    on: servers[index], requests: load.requests(for: seconds, at: guess), keys: 1)
                rates[index].append(outcome.requestsPerSecond)
            }
        }
        return [
            row("redis.call('get') in a loop of 1,000,000", loops), row("EVALSHA of one line, pipeline 16", rates),
        ]
    }

    private func callsPerSecond(_ server: ServerProcess) throws -> Double {
        let connection = try server.connect()
        let start = ContinuousClock.now
        _ = try connection.call("EVAL", Self.loop, "1", "key:script", "\(Self.calls)")
        let time = ContinuousClock.now - start
        return Double(Self.calls) / (Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
    }

    private func row(_ subject: String, _ figures: [[Double]]) -> Row {
        let samples = zip(contestants, figures).map { Samples(server: $0.name, rounds: $1) }
        return Row(
            .scriptRate, subject, ours: samples[0], peers: Array(samples.dropFirst()), goal: .ratioAtLeast(bound: 1.2))
    }
}
