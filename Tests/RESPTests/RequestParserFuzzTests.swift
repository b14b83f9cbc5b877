import Testing

@testable import RESP
import TestSupport

/// Bytes from the net may be anything: the parser ends, stays within them, and gives the same however they are cut.
struct RequestParserFuzzTests {
    @Test func mutatedRequests() {
        var random = SeededGenerator(for: "RequestParserFuzzTests.mutated")
        let seeds: [[UInt8]] = [
            multibulk("SET", "key", "value") + multibulk("GET", "key"),
            [UInt8]("SET k \"a b\\x41\" 'c'\r\nPING\r\n") + multibulk("ECHO", ""),
            multibulk((0..<12).map { [UInt8]("\($0)") }) + [UInt8]("*0\r\n\r\n") + multibulk("PING"),
            [UInt8]("*1\r\n$10\r\n0123456789\r\n*-1\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
        ]
        for round in 0..<20_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
            guard isSameHoweverCut(bytes, &random) else { return }
        }
    }

    @Test func randomBytesOfTheProtocolsAlphabet() {
        var random = SeededGenerator(for: "RequestParserFuzzTests.alphabet")
        let pieces = [
            "*", "$", "\r\n", "\r", "\n", "0", "1", "2", "3", "-1", "a", "\"", "'", "\\", " ", "*1\r\n", "$1\r\n",
            "x\r\n",
        ]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                bytes += [UInt8](pieces.randomElement(using: &random) ?? "")
            }
            guard isSameHoweverCut(bytes, &random) else { return }
        }
    }

    private func isSameHoweverCut(_ bytes: [UInt8], _ random: inout SeededGenerator) -> Bool {
        let whole = ParsedConnection.events(of: bytes)
        let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
        let cut = ParsedConnection.events(of: bytes, cuts: cuts)
        if let complaint = whole.complaint ?? cut.complaint {
            Issue.record("seed \(random.seed): \(bytes), cuts \(cuts): \(complaint)")
            return false
        }
        // After a failure nothing is read any more, and how much lies there depends on the pieces.
        let hasFailed = if case .failure = whole.events.last { true } else { false }
        guard whole.events == cut.events, hasFailed || whole.pending == cut.pending else {
            Issue.record("seed \(random.seed): \(bytes), cuts \(cuts): \(whole.events) or \(cut.events)")
            return false
        }
        return true
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.remove(at: index)
        case 3: bytes.insert(.random(in: 0...255, using: &random), at: index)
        case 4: bytes[index] = [UInt8]("0123456789-*$\r\n\"' ").randomElement(using: &random) ?? 0
        default:
            let end = Int.random(in: index...bytes.count, using: &random)
            let slice = bytes[index..<end]
            bytes.insert(contentsOf: slice, at: .random(in: bytes.indices, using: &random))
        }
    }
}
