import Testing

@testable import SlotStorage
import TestSupport

/// Patterns against texts, compared with Redis' own way of matching them.
struct GlobPatternTests {
    /// Every pattern of up to five of the bytes that mean something, against every short text.
    @Test(arguments: [false, true]) func everyShortPattern(ignoringCase: Bool) {
        let texts = strings(of: Array("aB-]".utf8), upTo: 3)
        for pattern in strings(of: Array("a*?[]^-\\".utf8), upTo: 5) {
            for text in texts { compare(pattern, text, ignoringCase) }
        }
    }

    @Test func randomPatternsOfAllBytes() {
        var random = SeededGenerator(for: "GlobPatternTests.random")
        let meaningful = Array("**?[[]]^--\\ab".utf8)
        for _ in 0..<200_000 {
            let strings = (0..<2).map { _ in
                (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    let chosen = Int.random(in: 0..<2 * meaningful.count, using: &random)
                    return chosen < meaningful.count ? meaningful[chosen] : UInt8.random(in: 0...255, using: &random)
                }
            }
            compare(strings[0], strings[1], Bool.random(using: &random))
        }
    }

    @Test func rangesCompareSignedBytes() {
        #expect(matches([0x5b, 0x01, 0x2d, 0xff, 0x5d], [0x00]))
        #expect(!matches([0x5b, 0x01, 0x2d, 0xff, 0x5d], [0x02]))
        #expect(matches([0x5b, 0x80, 0x2d, 0x61, 0x5d], [0xff]))
    }

    @Test func whatRedisDocuments() {
        #expect(matches("h?llo", "hxllo"))
        #expect(matches("h*llo", "heeeello"))
        #expect(matches("h[ae]llo", "hallo"))
        #expect(!matches("h[ae]llo", "hillo"))
        #expect(matches("h[^e]llo", "hbllo"))
        #expect(!matches("h[^e]llo", "hello"))
        #expect(matches("h\\*llo", "h*llo"))
        #expect(!matches("h\\*llo", "hello"))
        #expect(!matches("[", "[") && !matches("[]", "]") && matches("[^]", "]") && matches("[^", "x"))
        #expect(matches("", "") && matches("***", "") && !matches("?", ""))
    }

    /// Redis 2.8 would take longer than anybody can wait for this one.
    @Test(.timeLimit(.minutes(1))) func hostilePattern() {
        let pattern = Array(String(repeating: "a*", count: 5000).utf8) + [0x62]
        #expect(!matches(pattern, [UInt8](repeating: 0x61, count: 20_000)))
    }

    private func matches(_ pattern: String, _ text: String) -> Bool { matches(Array(pattern.utf8), Array(text.utf8)) }

    private func matches(_ pattern: [UInt8], _ text: [UInt8], ignoringCase: Bool = false) -> Bool {
        GlobPattern(pattern.raw, ignoringCase: ignoringCase).matches(text.raw)
    }

    private func compare(_ pattern: [UInt8], _ text: [UInt8], _ ignoringCase: Bool) {
        let expected = StringMatch(pattern, ignoringCase: ignoringCase).matches(text)
        if matches(pattern, text, ignoringCase: ignoringCase) != expected {
            Issue.record("\(pattern) against \(text), case \(ignoringCase ? "ignored" : "kept"): not \(expected)")
        }
    }

    private func strings(of alphabet: [UInt8], upTo length: Int) -> [[UInt8]] {
        var all: [[UInt8]] = [[]]
        var longest = all
        for _ in 0..<length {
            longest = longest.flatMap { string in alphabet.map { string + [$0] } }
            all += longest
        }
        return all
    }
}

/// `stringmatchlen` of Redis as it is written there, recursion included; but an empty text is never looked at, and a
/// backslash at the end of the pattern is a byte of its class, as in later versions.
private struct StringMatch {
    let pattern: [UInt8]
    let ignoresCase: Bool

    init(_ pattern: [UInt8], ignoringCase: Bool) {
        self.pattern = pattern
        ignoresCase = ignoringCase
    }

    func matches(_ text: [UInt8]) -> Bool { matches(pattern[...], text[...]) }

    private func matches(_ wholePattern: ArraySlice<UInt8>, _ wholeText: ArraySlice<UInt8>) -> Bool {
        var pattern = wholePattern
        var text = wholeText
        while let first = pattern.first, let byte = text.first {
            if first == UInt8(ascii: "*") {
                while pattern.first == UInt8(ascii: "*") { pattern = pattern.dropFirst() }
                return pattern.isEmpty || text.indices.contains { matches(pattern, text[$0...]) }
            }
            guard let rest = afterElement(pattern, byte) else { return false }
            pattern = rest
            text = text.dropFirst()
        }
        return text.isEmpty && pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The pattern behind its first element, which is no `*`, if that accepts `byte`.
    private func afterElement(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        let rest = pattern.dropFirst()
        switch pattern[pattern.startIndex] {
        case UInt8(ascii: "?"): return rest
        case UInt8(ascii: "["): return afterClass(rest, byte)
        case UInt8(ascii: "\\") where !rest.isEmpty:
            return fold(rest[rest.startIndex]) == fold(byte) ? rest.dropFirst() : nil
        case let literal: return fold(literal) == fold(byte) ? rest : nil
        }
    }

    /// The pattern behind the class that begins here, if `byte` is in it.
    private func afterClass(_ start: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        var pattern = start
        let isNegated = pattern.first == UInt8(ascii: "^")
        if isNegated { pattern = pattern.dropFirst() }
        var isMember = false
        while let first = pattern.first, first != UInt8(ascii: "]") {
            let bytes = Array(pattern.prefix(3))
            if first == UInt8(ascii: "\\"), pattern.count >= 2 {
                isMember = isMember || bytes[1] == byte
                pattern = pattern.dropFirst(2)
            } else if pattern.count >= 3, bytes[1] == UInt8(ascii: "-") {
                var (low, high) = (Int(Int8(bitPattern: first)), Int(Int8(bitPattern: bytes[2])))
                if low > high { swap(&low, &high) }
                let (start, end, it) = (fold(low), fold(high), fold(Int(Int8(bitPattern: byte))))
                isMember = isMember || start <= it && it <= end
                pattern = pattern.dropFirst(3)
            } else {
                isMember = isMember || fold(first) == fold(byte)
                pattern = pattern.dropFirst()
            }
        }
        return isMember != isNegated ? pattern.dropFirst() : nil
    }

    private func fold(_ byte: UInt8) -> UInt8 { UInt8(truncatingIfNeeded: fold(Int(byte))) }

    private func fold(_ byte: Int) -> Int { ignoresCase && byte >= 65 && byte <= 90 ? byte + 32 : byte }
}
