import Memory
import Testing

@testable import RESP
import TestSupport

struct RecordedRequestParserTests {
    private func parse(_ text: String, upTo length: Int = .max) -> RecordedRequestParser.Outcome {
        var parser = RecordedRequestParser()
        return parser.parse(Array([UInt8](text).prefix(length)).raw)
    }

    private func failure(_ text: String) -> RecordedRequestParser.Failure? {
        guard case .failure(let failure) = parse(text) else { return nil }
        return failure
    }

    private let set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"

    @Test func aRequest() {
        let input = [UInt8](set + "*1\r\n")
        var parser = RecordedRequestParser()
        #expect(parser.parse(input.raw) == .request(length: set.utf8.count))
        let request = parser.request(in: input.raw)
        #expect((0..<request.count).map { request[$0].array } == [[UInt8]("SET"), [UInt8]("k"), []])
    }

    @Test func everyPartOfARequestIsIncomplete() {
        for length in 0..<set.utf8.count {
            #expect(parse(set, upTo: length) == .incomplete, "cut to \(length) bytes")
        }
    }

    @Test func aLongNumberMayBeCutAnywhere() {
        let text = "*1\r\n$536870912\r\n"
        for length in 0...text.utf8.count { #expect(parse(text, upTo: length) == .incomplete) }
        let many = "*1048576\r\n"
        for length in 0...many.utf8.count { #expect(parse(many, upTo: length) == .incomplete) }
    }

    @Test(arguments: [
        ("PING\r\n", 0, RecordedRequestParser.Cause.expectedArray(got: UInt8(ascii: "P"))),
        ("\r\n", 0, .expectedArray(got: 13)),
        ("*0\r\n", 1, .argumentCount), ("*-1\r\n", 1, .argumentCount), ("*x\r\n", 1, .argumentCount),
        ("*01\r\n", 1, .argumentCount), ("*1048577\r\n", 1, .argumentCount), ("*99999999", 1, .argumentCount),
        ("*1\n", 2, .argumentCount), ("*1\r$", 3, .argumentCount),
        ("*1\r\n:4\r\n", 4, .expectedBulk(got: UInt8(ascii: ":"))),
        ("*1\r\n$-1\r\n", 5, .argumentLength), ("*1\r\n$536870913\r\n", 5, .argumentLength),
        ("*1\r\n$5368709120", 5, .argumentLength), ("*1\r\n$4\rx", 7, .argumentLength),
        ("*1\r\n$4\r\nPINGS\r\n", 12, .missingLineEnd), ("*1\r\n$4\r\nPING\r\r", 13, .missingLineEnd),
        ("*2\r\n$4\r\nPING\r\n*1", 14, .expectedBulk(got: UInt8(ascii: "*"))),
    ])
    func theFirstOddByteIsReported(_ text: String, _ offset: Int, _ cause: RecordedRequestParser.Cause) {
        #expect(failure(text) == RecordedRequestParser.Failure(offset: offset, cause: cause))
    }

    @Test func annotations() {
        #expect(parse("#TS:1652341\r\n*1\r\n") == .annotation(length: 13))
        #expect(parse("#TS:16") == .incomplete)
        #expect(parse("#" + String(repeating: "x", count: 1022)) == .incomplete)
        #expect(failure("#" + String(repeating: "x", count: 1023))?.cause == .annotation)
        #expect(failure("#" + String(repeating: "x", count: 1023) + "\n")?.cause == .annotation)
    }

    /// Whatever the lenient parser for clients makes of bytes, this one takes nothing for a request that is another.
    @Test func itAgreesWithTheParserForClients() {
        var random = SeededGenerator(for: "RecordedRequestParserTests.agreement")
        let alphabet = [UInt8]("*$0123\r\nab")
        var requests = 0
        for _ in 0..<20_000 {
            var input = [UInt8]("*2\r\n$1\r\na\r\n$2\r\nbb\r\n")
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                input[Int.random(in: 0..<input.count, using: &random)] = alphabet.randomElement(using: &random) ?? 0
            }
            var strict = RecordedRequestParser()
            guard case .request(let length) = strict.parse(input.raw) else { continue }
            requests += 1
            var lenient = RequestParser()
            #expect(lenient.parse(input.raw) == .request(length: length))
        }
        #expect(requests > 0)
    }
}
