import Testing

@testable import RESP
import TestSupport

/// However the bytes of a connection are cut into pieces, the same requests come out.
struct RequestParserSplitTests {
    /// Requests of every kind, one behind the other.
    private var pipeline: (bytes: [UInt8], expected: [ParserEvent]) {
        var bytes: [UInt8] = []
        var expected: [ParserEvent] = []
        func add(_ text: String, _ event: ParserEvent) {
            bytes += [UInt8](text)
            expected.append(event)
        }
        func add(_ arguments: [[UInt8]]) {
            bytes += multibulk(arguments)
            expected.append(.request(arguments))
        }
        add("PING\r\n", request("PING"))
        add([[UInt8]("SET"), [UInt8]("key"), [UInt8]("value")])
        add("\r\n", .nothing)
        add("SET k \"a\\x00b \\\" c\" 'it\\'s'\r\n", request("SET", "k", "a\0b \" c", "it's"))
        add("*0\r\n", .nothing)
        add([[UInt8]("ECHO"), []])
        add([[]])
        add([[UInt8]("SET"), Array(0...255), Array((0...255).reversed())])
        add("get  k\n", request("get", "k"))
        add("*-1\r\n", .nothing)
        add((0..<40).map { [UInt8]("argument-\($0)") })
        add([[UInt8]("MGET"), [UInt8]("\r\n"), [UInt8]("$3\r\n"), [UInt8]("*1\r\n")])
        add([[UInt8]("SET"), [UInt8]("large"), [UInt8](repeating: 0x2a, count: 300)])
        add("'quoted' again\r\n", request("quoted", "again"))
        add([[UInt8]("PING")])
        return (bytes, expected)
    }

    private func expect(_ bytes: [UInt8], cuts: [Int], toGive expected: [ParserEvent]) -> Bool {
        let parsed = ParsedConnection.events(of: bytes, cuts: cuts)
        if let complaint = parsed.complaint {
            Issue.record("cuts \(cuts.prefix(8)): \(complaint)")
            return false
        }
        if parsed.events != expected || parsed.pending != 0 {
            Issue.record("cuts \(cuts.prefix(8)) gave \(parsed.events)")
            return false
        }
        return true
    }

    @Test func atOnce() {
        let (bytes, expected) = pipeline
        _ = expect(bytes, cuts: [], toGive: expected)
    }

    @Test func everySplitInTwo() {
        let (bytes, expected) = pipeline
        for cut in 0...bytes.count {
            guard expect(bytes, cuts: [cut], toGive: expected) else { return }
        }
    }

    @Test func byteByByte() {
        let (bytes, expected) = pipeline
        _ = expect(bytes, cuts: Array(0..<bytes.count), toGive: expected)
    }

    @Test func randomPieces() {
        var random = SeededGenerator(for: "RequestParserSplitTests.randomPieces")
        let (bytes, expected) = pipeline
        for _ in 0..<200 {
            let cuts = (0..<Int.random(in: 2...30, using: &random)).map { _ in
                Int.random(in: 0...bytes.count, using: &random)
            }
            guard expect(bytes, cuts: cuts.sorted(), toGive: expected) else { return }
        }
    }

    @Test func aLargeBinaryArgument() {
        var random = SeededGenerator(for: "RequestParserSplitTests.large")
        let value = random.bytes(100_000)
        let bytes = multibulk([[UInt8]("SET"), [UInt8]("k"), value]) + multibulk("PING")
        let expected: [ParserEvent] = [.request([[UInt8]("SET"), [UInt8]("k"), value]), request("PING")]
        let inside = (0..<20).map { _ in Int.random(in: 50..<100_000, using: &random) }
        let borders = Array(0...50) + Array((bytes.count - 40)...bytes.count)
        for cut in borders + inside {
            guard expect(bytes, cuts: [cut], toGive: expected) else { return }
        }
    }
}
