import Foundation
import Testing

extension IntegrationTests {
    /// Random commands to the server under test and to real Redis: the same replies, the same data.
    @Suite struct DifferentialTests {
        @Test("random commands", arguments: [Peer.redis2_8, .redis3_2])
        func randomCommands(peer: Peer) throws {
            let run = DifferentialRun(commands: peer == .redis2_8 ? 140_000 : 60_000)
            try run.compare(ours: .start(), theirs: .start(peer), peer: peer)
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
