import Memory
import Testing

@testable import RESP
import TestSupport

struct RequestParserTests {
    private func events(_ text: String) -> [ParserEvent] { ParsedConnection.events(of: [UInt8](text)).events }

    // MARK: Requests

    @Test func aMultibulkRequest() {
        #expect(events("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n") == [request("SET", "k", "")])
    }

    @Test func aBulkMayHoldAnything() {
        let value: [UInt8] = Array(0...255) + [UInt8]("\r\n*1\r\n$4\r\nPING\r\n")
        let parsed = ParsedConnection.events(of: multibulk([[UInt8]("ECHO"), value]))
        #expect(parsed.events == [.request([[UInt8]("ECHO"), value])])
        #expect(parsed.pending == 0)
    }

    /// As in Redis, the two bytes behind a bulk are skipped and not looked at.
    @Test func theBytesBehindABulkAreNotLookedAt() {
        #expect(events("*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n") == [request("PING"), request("PING")])
    }

    @Test func inlineRequests() {
        #expect(events("PING\r\n") == [request("PING")])
        #expect(events("PING\n") == [request("PING")])
        #expect(events("  GET \t key  \r\n") == [request("GET", "key")])
        #expect(events("SET k \"a b\\x41\\n\" 'c\\'d'\r\n") == [request("SET", "k", "a bA\n", "c'd")])
        #expect(events("SET k \"\"\r\nGET k\r\n") == [request("SET", "k"), request("GET", "k")], "as in Redis 2.8")
        #expect(events("''\r\nGET k\r\n") == [.nothing, request("GET", "k")])
    }

    @Test(arguments: ["\r\n", "\n", "   \r\n", "*0\r\n", "*-1\r\n", "*-1000\r\n"])
    func whatSaysNothing(_ text: String) {
        #expect(events(text + "PING\r\n") == [.nothing, request("PING")])
    }

    @Test func inlineLinesAreSplitAsByRedis() {
        var random = SeededGenerator(for: "RequestParserTests.inline")
        let alphabet = [UInt8]("ab \t\u{b}\u{c}\"'\\xn4f\0")
        for _ in 0..<20_000 {
            let line = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            guard line.first != UInt8(ascii: "*") else { continue }
            let expected: ParserEvent =
                switch splitAsRedis(line) {
                case .none: .failure(.unbalancedQuotes)
                case .some(let words): words.allSatisfy(\.isEmpty) ? .nothing : .request(words.filter { !$0.isEmpty })
                }
            let parsed = ParsedConnection.events(of: line + [13, 10])
            if parsed.events != [expected] {
                Issue.record("seed \(random.seed): \(line) gave \(parsed.events), not \(expected)")
                return
            }
        }
    }

    // MARK: Errors

    @Test(
        arguments: [
            ("*x\r\n", .invalidMultibulkLength), ("*\r\n", .invalidMultibulkLength),
            ("*1048577\r\n", .invalidMultibulkLength),
            ("*+1\r\n", .invalidMultibulkLength), ("*01\r\n", .invalidMultibulkLength),
            ("* 1\r\n", .invalidMultibulkLength),
            ("*1 \r\n", .invalidMultibulkLength), ("*99999999999999999999\r\n", .invalidMultibulkLength),
            ("*1\r\n$x\r\n", .invalidBulkLength), ("*1\r\n$-1\r\n", .invalidBulkLength),
            ("*1\r\n$\r\n", .invalidBulkLength),
            ("*1\r\n$536870913\r\n", .invalidBulkLength), ("*1\r\n$01\r\n", .invalidBulkLength),
            ("*1\r\n$18446744073709551617\r\n", .invalidBulkLength),
            ("*1\r\n:3\r\n", .expectedBulk(got: UInt8(ascii: ":"))), ("*1\r\n\r\n", .expectedBulk(got: 13)),
            ("*2\r\n$4\r\nPING\r\n*1\r\n", .expectedBulk(got: UInt8(ascii: "*"))),
            ("SET k \"v\r\n", .unbalancedQuotes), ("SET k 'v\r\n", .unbalancedQuotes),
            ("SET k \"v\"x\r\n", .unbalancedQuotes),
        ] as [(String, ProtocolError)])
    func protocolErrors(_ text: String, _ error: ProtocolError) {
        #expect(events("PING\r\n" + text) == [request("PING"), .failure(error)])
        for cut in 0..<text.utf8.count {
            #expect(ParsedConnection.events(of: [UInt8](text), cuts: [cut]).events == [.failure(error)])
        }
    }

    // MARK: Limits

    @Test(arguments: [
        ("", ProtocolError.tooBigInlineRequest), ("*", .tooBigMultibulkCount), ("*1\r\n$", .tooBigBulkCount),
    ])
    func aLineMayHave64KiB(_ start: String, _ error: ProtocolError) {
        // A multibulk's line is counted from its own beginning.
        let before = start.hasSuffix("$") ? start.utf8.count - 1 : 0
        let longest = [UInt8](start) + [UInt8](repeating: 48, count: 65_536 + before - start.utf8.count)
        #expect(ParsedConnection.events(of: longest).events == [])
        #expect(ParsedConnection.events(of: longest + [48]).events == [.failure(error)])
        #expect(ParsedConnection.events(of: longest + [48], cuts: [longest.count]).events == [.failure(error)])
        #expect(ParsedConnection.events(of: longest + [48], cuts: [100, 60_000]).events == [.failure(error)])
    }

    @Test func theLargestCountsAreAccepted() {
        #expect(events("*1048576\r\n") == [])
        #expect(events("*1\r\n$536870912\r\n") == [])
    }

    @Test func aRequestOfVeryManyArguments() {
        let count = 200_000
        var bytes = [UInt8]("*\(count)\r\n")
        for _ in 0..<count { bytes += [36, 48, 13, 10, 13, 10] }
        let left = bytesLeft {
            let parsed = ParsedConnection.events(of: bytes + [UInt8]("PING\r\n"))
            let isRight = parsed.events == [.request(Array(repeating: [], count: count)), request("PING")]
            if !isRight { Issue.record("not \(count) empty arguments") }
        }
        #expect(left == 0)
    }

    @Test func lyingLengthsAllocateNothing() {
        let lies = ["*1048576\r\n", "*1\r\n$536870912\r\n", "*1048576\r\n$536870912\r\nabc", "*1000000\r\n$10"].map {
            [UInt8]($0)
        }
        for lie in lies {
            let allocated = bytesAllocated {
                var parser = RequestParser()
                if parser.parse(lie.raw) != .incomplete { Issue.record("\(lie) is complete") }
            }
            #expect(allocated == 0)
        }
        let oneOfMany = multibulk("GET", "k").dropFirst(4)
        let bytes = [UInt8]("*1048576\r\n") + oneOfMany
        let allocated = bytesAllocated {
            var parser = RequestParser()
            if parser.parse(bytes.raw) != .incomplete { Issue.record("two of a million arguments are complete") }
        }
        #expect(allocated == 128, "room for sixteen arguments")
    }

    // MARK: State

    @Test func missingTellsHowMuchIsStillToCome() {
        func missing(_ text: String) -> Int {
            var parser = RequestParser()
            _ = parser.parse([UInt8](text).raw)
            return parser.missing
        }
        #expect(missing("*1\r\n$10\r\n") == 12)
        #expect(missing("*1\r\n$10\r\n0123456789") == 2)
        #expect(missing("*1\r\n$10\r\n0123456789\r") == 1)
        #expect(missing("*1\r\n$1") == 1)
        #expect(missing("PIN") == 1)
        #expect(missing("") == 1)
    }

    @Test func isInsideFromTheFirstLineToTheLastByte() {
        let bytes = multibulk("GET", "key")
        for length in 0...bytes.count {
            var parser = RequestParser()
            _ = parser.parse(bytes.raw.extracting(0..<length))
            let isInside = parser.isInside
            #expect(isInside == (length >= 4 && length < bytes.count))
        }
    }

    @Test func aResetParsesTheSameRequestAgain() {
        for text in ["*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "GET k\r\n", "GET \"k\"\r\n"] {
            let bytes = [UInt8](text)
            for length in 0...bytes.count {
                var parser = RequestParser()
                _ = parser.parse(bytes.raw.extracting(0..<length))
                parser.reset()
                let outcome = parser.parse(bytes.raw)
                let arguments = parser.request(in: bytes.raw)
                let (name, key) = (arguments[0].array, arguments[1].array)
                #expect(outcome == .request(length: bytes.count))
                #expect(name == [UInt8]("GET") && key == [UInt8]("k"))
            }
        }
    }
}

/// `sdssplitargs` of Redis, word for word: the words, or nothing when the quotes are not balanced. A NUL byte outside
/// of quotes ends the line, as it ends a C string.
private func splitAsRedis(_ line: [UInt8]) -> [[UInt8]]? {
    func at(_ index: Int) -> UInt8 { index < line.count ? line[index] : 0 }
    func digit(_ byte: UInt8) -> UInt8? { UInt8(String(UnicodeScalar(byte)), radix: 16) }
    let escapes: [UInt8: UInt8] = [0x6e: 10, 0x72: 13, 0x74: 9, 0x62: 8, 0x61: 7]
    var words: [[UInt8]] = []
    var p = 0
    while true {
        while at(p).isSpace { p += 1 }
        if at(p) == 0 { return words }
        var word: [UInt8] = []
        var quote: UInt8?
        scan: while true {
            let byte = at(p)
            if quote != nil, p >= line.count { return nil }
            if quote == UInt8(ascii: "\""), byte == UInt8(ascii: "\\"), p + 1 < line.count {
                if at(p + 1) == UInt8(ascii: "x"), let high = digit(at(p + 2)), let low = digit(at(p + 3)) {
                    word.append(high * 16 + low)
                    p += 4
                } else {
                    word.append(escapes[at(p + 1)] ?? at(p + 1))
                    p += 2
                }
            } else if quote == UInt8(ascii: "'"), byte == UInt8(ascii: "\\"), at(p + 1) == UInt8(ascii: "'") {
                word.append(UInt8(ascii: "'"))
                p += 2
            } else if let open = quote {
                p += 1
                if byte == open {
                    if at(p) != 0, !at(p).isSpace { return nil }
                    break scan
                }
                word.append(byte)
            } else {
                switch byte {
                case 32, 10, 13, 9, 0: break scan
                case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
                default: word.append(byte)
                }
                p += 1
            }
        }
        words.append(word)
    }
}
