import Testing

@testable import Memory
import TestSupport

struct BytesTests {
    /// Every string of up to three of these bytes, which lie on both sides of the sign bit.
    private var smallWorld: [[UInt8]] {
        var strings: [[UInt8]] = [[]]
        var longest = strings
        for _ in 0..<3 {
            longest = longest.flatMap { string in [0, 1, 0x7f, 0x80, 0xff].map { string + [$0] } }
            strings += longest
        }
        return strings
    }

    @Test func comparisonOfEveryShortPair() {
        let strings = smallWorld
        for left in strings {
            for right in strings {
                let order = left.raw.compare(right.raw)
                let expected = left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
                if order.signum() != expected || left.raw.precedes(right.raw) != (expected < 0)
                    || left.raw.elementsEqual(right.raw) != (expected == 0)
                {
                    Issue.record("\(left) against \(right): \(order)")
                }
            }
        }
    }

    @Test func comparisonOfLongStrings() {
        var random = SeededGenerator(for: "BytesTests.comparison")
        for length in [7, 8, 9, 63, 64, 65, 1000] {
            let left = random.bytes(length)
            let isItself = left.raw.elementsEqual(left.raw) && left.raw.compare(left.raw) == 0
            #expect(isItself)
            for position in [0, length / 2, length - 1] {
                var right = left
                right[position] &+= 1
                let isLess = left.lexicographicallyPrecedes(right)
                let (before, after) = (left.raw.precedes(right.raw), right.raw.precedes(left.raw))
                let isEqual = left.raw.elementsEqual(right.raw)
                #expect(before == isLess && after == !isLess && !isEqual)
            }
        }
    }

    @Test func caseIsIgnoredForLettersAlone() {
        for byte in UInt8.min...UInt8.max {
            let isCapital = byte >= 65 && byte <= 90
            #expect(byte.lowercased == (isCapital ? byte + 32 : byte))
            #expect(equal([byte], "k") == (byte == 0x4b || byte == 0x6b))
            #expect(equal([byte], "[") == (byte == 0x5b))
        }
        #expect(equal([UInt8]("SlotsMgrtTagOne"), "slotsmgrttagone"))
        #expect(!equal([UInt8]("get"), "gets"))
        #expect(!equal([UInt8]("gets"), "get"))
        #expect(equal([], ""))
    }

    private func equal(_ bytes: [UInt8], _ word: StaticString) -> Bool { bytes.raw.equalsIgnoringCase(word) }

    @Test func spacesAreThoseOfC() {
        let spaces = (UInt8.min...UInt8.max).filter(\.isSpace)
        #expect(spaces == [9, 10, 11, 12, 13, 32])
    }

    @Test func firstIndexFromEveryStart() {
        let bytes = [UInt8]("a{b}{c}")
        for wanted in [UInt8](Set(bytes)) + [0, UInt8(ascii: "z")] {
            for start in 0...(bytes.count + 2) {
                let expected = bytes.indices.first { $0 >= start && bytes[$0] == wanted }
                let found = bytes.raw.firstIndex(of: wanted, from: start)
                #expect(found == expected)
            }
        }
        let nothing: [UInt8] = []
        let found = nothing.raw.firstIndex(of: 0)
        #expect(found == nil)
    }

    @Test func copies() {
        let bytes: [UInt8] = [0x68, 0x69, 0x00, 0xff]
        let (copy, text) = (bytes.raw.array, bytes.raw.text)
        #expect(copy == bytes)
        #expect(text == "hi\0\u{fffd}")
        let literal: StaticString = "PONG"
        let spelled = literal.bytes.array
        #expect(spelled == [UInt8]("PONG"))
        let nothing = RawSpan().array
        #expect(nothing.isEmpty)
    }

    @Test func anIndexOutsideTraps() async {
        await #expect(processExitsWith: .failure) {
            let bytes: [UInt8] = [1, 2, 3]
            _ = bytes.raw[3]
        }
        await #expect(processExitsWith: .failure) {
            let bytes: [UInt8] = [1, 2, 3]
            _ = bytes.raw[-1]
        }
    }
}
