import Foundation
import Testing

/// Random commands for two servers, round by round. `DIFF_SEED` repeats a run, `DIFF_COMMANDS` sets its length.
struct DifferentialRun {
    /// Rounds begin with empty servers, so that a failing one is short enough to be made shorter.
    static let roundLength = 500

    let seed: UInt64
    let commands: Int

    /// - Parameters:
    ///   - commands: how many, unless the environment says something else.
    ///   - share: how many times more that is than it should be here.
    init(commands: Int, share: Int = 1) {
        seed = Package.seed("DIFF_SEED")
        self.commands = Package.environment("DIFF_COMMANDS").flatMap(Int.init).map { $0 / share } ?? commands
        print("differential test: DIFF_SEED=\(seed) DIFF_COMMANDS=\(self.commands)")
    }

    /// Runs all rounds, records what differs, and stops both servers.
    /// - Parameters:
    ///   - theirs: a real server, which `peer` names.
    ///   - observing: whether others look at what happens.
    func compare(
        ours: ServerProcess, theirs: ServerProcess, peer: Peer = .redis2_8, observing: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let twins = try TwinServers(ours: ours.address, theirs: theirs.address, peer: peer, observing: observing)
        var generator = CommandGenerator(
            seed: seed, now: Int(Date().timeIntervalSince1970), templates: CommandTemplate.known(to: peer))
        var reported: Set<String> = []
        for round in 0..<(commands + Self.roundLength - 1) / Self.roundLength {
            let units = (0..<Self.roundLength).map { _ in generator.next() }
            let outcome = Result { try twins.firstDifference(units) }
            // A dying server refuses connections a little before it is gone.
            if case .failure = outcome { usleep(300_000) }
            guard ours.isRunning && theirs.isRunning else {
                let died = ours.isRunning ? theirs : ours
                Issue.record(
                    "DIFF_SEED=\(seed), round \(round): a server died:\n\(died.log.suffix(4000))",
                    sourceLocation: sourceLocation)
                return
            }
            guard let found = try outcome.get() else { continue }
            let report = try explain(found, units, twins)
            if reported.insert(report.kind).inserted {
                Issue.record("DIFF_SEED=\(seed), round \(round):\n\(report.text)", sourceLocation: sourceLocation)
            }
            // Different faults are worth knowing together, but not for ever.
            if reported.count == 10 { break }
        }
        try ours.stop()
        try theirs.stop()
    }

    /// The shortest sequence that still shows a difference, and what the difference is.
    private func explain(
        _ found: Difference, _ units: [DifferentialUnit], _ twins: TwinServers
    ) throws -> (kind: String, text: String) {
        let failing = Array(units[...found.unit])
        let shortest = try minimized(failing) { try twins.firstDifference($0) != nil }
        let difference = try twins.firstDifference(shortest) ?? found
        let steps = shortest.joined().map { "    \($0)" }.joined(separator: "\n")
        let text = "\(steps)\n  at: \(difference.step)\n  ours: \(difference.ours)\n  Redis: \(difference.theirs)"
        // Differences of one command with replies that begin alike are probably one fault.
        let command = difference.step.lowercased().prefix { $0 != " " }
        return ("\(command) \(difference.ours.prefix(24)) \(difference.theirs.prefix(24))", text)
    }
}
