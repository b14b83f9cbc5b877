import Foundation
import Testing

extension IntegrationTests {
    /// Random commands to the server under test and to a real Redis 2.8.17: the same replies, the same data.
    ///
    /// `DIFF_SEED` repeats a run, `DIFF_COMMANDS` sets its length.
    @Suite struct DifferentialTests {
        /// Rounds begin with empty servers, so that a failing one is short enough to be made shorter.
        static let roundLength = 500

        @Test("random commands")
        func randomCommands() throws {
            let seed = Package.environment("DIFF_SEED").flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999_999)
            let total = Package.environment("DIFF_COMMANDS").flatMap(Int.init) ?? 20_000
            print("differential test: DIFF_SEED=\(seed) DIFF_COMMANDS=\(total)")
            let theirs = try ServerProcess.start(.redis2_8)
            let ours = try ServerProcess.start()
            let twins = try TwinServers(ours: ours.address, theirs: theirs.address)
            var generator = CommandGenerator(seed: seed, now: Int(Date().timeIntervalSince1970))
            var reported: Set<String> = []
            for round in 0..<(total + Self.roundLength - 1) / Self.roundLength {
                let units = (0..<Self.roundLength).map { _ in generator.next() }
                let outcome = Result { try twins.firstDifference(units) }
                // A dying server refuses connections a little before it is gone.
                if case .failure = outcome { usleep(300_000) }
                guard ours.isRunning && theirs.isRunning else {
                    let died = ours.isRunning ? theirs : ours
                    Issue.record("DIFF_SEED=\(seed), round \(round): a server died:\n\(died.log.suffix(4000))")
                    return
                }
                guard let found = try outcome.get() else { continue }
                let report = try explain(found, units, twins)
                if reported.insert(report.kind).inserted {
                    Issue.record("DIFF_SEED=\(seed), round \(round):\n\(report.text)")
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

        @Test("a sequence is made shorter until nothing can be left out")
        func minimizing() {
            let sequence = Array(0..<500)
            let shortest = minimized(sequence) { $0.contains(17) && $0.contains(18) && $0.contains(433) }
            #expect(shortest == [17, 18, 433])
            #expect(minimized([1]) { _ in true } == [1])
        }

        @Test("the same seed gives the same commands")
        func repeatable() {
            var one = CommandGenerator(seed: 7, now: 1_000_000)
            var other = CommandGenerator(seed: 7, now: 1_000_000)
            for _ in 0..<200 { #expect("\(one.next())" == "\(other.next())") }
        }

        @Test("replies that are not the same are told apart")
        func comparison() {
            let ttl = ReplyComparison(for: [Bytes(text: "pTTL")])
            #expect(ttl.agrees(.integer(5000), .integer(4000)))
            #expect(!ttl.agrees(.integer(5000), .integer(-1)))
            #expect(!ttl.agrees(.integer(50_000), .integer(5000)))
            let keys = ReplyComparison(for: [Bytes(text: "KEYS")])
            #expect(keys.agrees(.array([.integer(1), .integer(2)]), .array([.integer(2), .integer(1)])))
            #expect(!keys.agrees(.array([.integer(1), .integer(1)]), .array([.integer(2), .integer(1)])))
            #expect(!ReplyComparison(for: [Bytes(text: "TIME")]).agrees(.error("a"), .error("b")))
            #expect(!ReplyComparison(for: [Bytes(text: "GET")]).agrees(.bulk("a"), .status("a")))
        }
    }
}
