import Testing

@testable import Memory
import TestSupport

struct NumbersTests {
    /// What the standard library reads and writes again as the very same text.
    private func oracle(_ bytes: [UInt8]) -> Int64? {
        guard bytes.allSatisfy({ $0 < 128 }) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let number = Int64(text), String(number) == text else { return nil }
        return number
    }

    private func expectAgreement(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
        let read = Int64(canonical: bytes.raw)
        if read != oracle(bytes) {
            let expected = oracle(bytes).map(String.init) ?? "nil"
            Issue.record("\(bytes): \(read.map(String.init) ?? "nil"), not \(expected)", sourceLocation: sourceLocation)
        }
    }

    private var borders: [Int64] {
        var numbers: [Int64] = [.min, .min + 1, .max, .max - 1]
        var power: Int64 = 1
        for _ in 0..<19 {
            for delta in -1...1 { numbers += [power + Int64(delta), -power + Int64(delta)] }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        for bit in 0..<63 {
            for delta in -1...1 { numbers += [1 << bit &+ Int64(delta), -(1 << bit) &+ Int64(delta)] }
        }
        return numbers
    }

    @Test func everyShortText() {
        let alphabet = [UInt8]("0129-+ .a/:\0\u{7f}") + [0xff]
        var texts: [[UInt8]] = [[]]
        for _ in 0..<4 {
            for text in texts { expectAgreement(text) }
            texts = texts.flatMap { text in alphabet.map { text + [$0] } }
        }
    }

    @Test func bordersAndTheirNeighbours() {
        for number in borders {
            let text = [UInt8](String(number))
            expectAgreement(text)
            for prefix in ["0", "-", "+", " ", "-0"] { expectAgreement([UInt8](prefix) + text) }
            for suffix in ["0", " ", "\0", ".", "\n"] { expectAgreement(text + [UInt8](suffix)) }
        }
    }

    @Test(arguments: [
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "18446744073709551617", "-18446744073709551615",
        "27670116110564327424", "99999999999999999999", "-9999999999999999999", "10000000000000000000",
        "100000000000000000000", "-10000000000000000000", "", "-", "--1", "-0", "00", "+1",
    ])
    func limits(_ text: String) { expectAgreement([UInt8](text)) }

    @Test func randomDigits() {
        var random = SeededGenerator(for: "NumbersTests.randomDigits")
        for _ in 0..<20_000 {
            var text = Bool.random(using: &random) ? [UInt8]("-") : []
            for _ in 0..<Int.random(in: 1...22, using: &random) { text.append(.random(in: 48...57, using: &random)) }
            expectAgreement(text)
        }
    }

    @Test func writingGivesTheTextOfTheStandardLibrary() {
        var random = SeededGenerator(for: "NumbersTests.writing")
        var numbers = borders
        for _ in 0..<5000 {
            let shift = UInt64.random(in: 0..<64, using: &random)
            numbers.append(Int64(bitPattern: random.next() >> shift))
        }
        for number in numbers {
            var digits: [20 of UInt8] = .init(repeating: 0)
            let start = number.writeDecimal(into: &digits)
            let text = (start..<20).map { digits[$0] }
            if text != [UInt8](String(number)) || number.decimalWidth != text.count
                || Int64(canonical: text.raw) != number
            {
                Issue.record("\(number) was written \(text), width \(number.decimalWidth)")
            }
        }
    }
}
