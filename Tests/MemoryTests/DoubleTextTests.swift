import Foundation
import Testing

@testable import Memory
import TestSupport

struct DoubleTextTests {
    private static let scoreTexts: [(String, Double)] = [
        ("0", 0), ("-0", -0.0), ("1", 1), ("-17", -17), ("3.25", 3.25), ("+1", 1), ("1e3", 1000), (".5", 0.5),
        ("5.", 5),
        ("0x10", 16), ("inf", .infinity), ("-Infinity", -.infinity), ("", 0), ("1\0x", 1), ("007", 7),
        ("9223372036854775807", 9_223_372_036_854_775_808), ("9007199254740993", 9_007_199_254_740_992),
        ("123456789012345678901234567890", 1.2345678901234568e29), ("4.9e-324", .leastNonzeroMagnitude),
        ("0." + String(repeating: "3", count: 3000), 1.0 / 3),
    ]

    private static let boundTexts: [(String, Double)] = [
        ("1e999", .infinity), ("-1e999", -.infinity), ("1e-999", 0), (" 1", 1), ("", 0),
    ]

    private static let printedTexts: [(Double, String)] = [
        (0, "0"), (-0.0, "-0"), (1, "1"), (-3, "-3"), (0.1, "0.10000000000000001"), (1e17, "1e+17"),
        (99_999_999_999_999_984, "99999999999999984"), (-99_999_999_999_999_984, "-99999999999999984"),
        (1e-5, "1.0000000000000001e-05"),
        (.infinity, "inf"), (-.infinity, "-inf"), (-.greatestFiniteMagnitude, "-1.7976931348623157e+308"),
        (-.leastNonzeroMagnitude, "-4.9406564584124654e-324"), (0.5, "0.5"),
        (4_503_599_627_370_497, "4503599627370497"),
    ]

    @Test(arguments: scoreTexts)
    func scores(_ text: String, _ number: Double) {
        let value = Double(score: [UInt8](text).raw)
        #expect(value == number && value?.sign == number.sign)
    }

    @Test(arguments: [
        "x", "1x", " 1", "\t1", "1 ", "nan", "-nan", "nan(1)", "1e999", "-1e999", "1e-999", "--1", "(1", "1,5",
    ])
    func refusedScores(_ text: String) {
        #expect(Double(score: [UInt8](text).raw) == nil)
    }

    @Test(arguments: boundTexts)
    func bounds(_ text: String, _ number: Double) {
        #expect(Double(scoreBound: [UInt8](text).raw) == number)
    }

    @Test(arguments: ["x", "nan", "1 ", " "])
    func refusedBounds(_ text: String) {
        #expect(Double(scoreBound: [UInt8](text).raw) == nil)
    }

    @Test(arguments: printedTexts)
    func texts(_ number: Double, _ text: String) {
        #expect(number.withScoreText { $0.array } == Array(text.utf8))
    }

    @Test func randomNumbersAreTheSameAgain() {
        var random = SeededGenerator(for: "DoubleTextTests.randomNumbersAreTheSameAgain")
        for round in 0..<50_000 {
            let bits = random.next()
            let number: Double =
                switch round % 3 {
                case 0: Double(bitPattern: bits)
                case 1: Double(Int64(bitPattern: bits) >> Int64(bits & 63))
                default: Double(Int64(bitPattern: bits) >> 20) / 1000
                }
            guard number.isFinite else { continue }
            let text = number.withScoreText { $0.array }
            let again = Double(score: text.raw)
            if again != number || text != Array(String(format: "%.17g", number).utf8) {
                Issue.record("seed \(random.seed): \(number) is \(text)")
                return
            }
        }
    }

    @Test func decimalTexts() {
        #expect(166274.15156960033.decimalText(digits: 4).bytes.array == [UInt8]("166274.1516"))
        #expect((-0.0).decimalText(digits: 6).bytes.array == [UInt8]("-0.000000"))
        #expect(Double.infinity.decimalText(digits: 1).bytes.array == [UInt8]("inf"))
        #expect((-Double.greatestFiniteMagnitude).decimalText(digits: 20).bytes.byteCount == 331)
    }

    @Test func shortTextsAllocateNothing() {
        let text = Array("12.75".utf8)
        #expect(
            bytesAllocated {
                for _ in 0..<10 {
                    var length = 0
                    (Double(score: text.raw) ?? 0).withScoreText { length = $0.byteCount }
                    precondition(length == 5)
                }
            } == 0)
    }

    /// Decimals of few digits are read another way, and must be the same numbers.
    @Test func shortDecimals() {
        var random = SeededGenerator(for: "DoubleTextTests.shortDecimals")
        for _ in 0..<20_000 {
            let digits = String(Int.random(in: 0..<1_000_000_000_000_000, using: &random))
            let point = Int.random(in: 0...digits.count, using: &random)
            let text = (Bool.random(using: &random) ? "-" : "") + digits.prefix(point) + "." + digits.dropFirst(point)
            let expected = text.hasPrefix(".") || text.hasPrefix("-.") || text.hasSuffix(".") ? nil : Double(text)
            let short = Double(shortDecimal: [UInt8](text.utf8).bytes)
            // By their bits: -0.0 is not 0.0.
            if short?.bitPattern != expected?.bitPattern { Issue.record("\(text), seed \(random.seed)") }
        }
        for text in [
            "", "-", ".", "1", "1.", ".5", "-.5", "1.2.3", "1e5", "1.5e3", "+1.5", " 1.5", "1.5 ", "0x1.8", "inf",
        ] {
            let short = Double(shortDecimal: [UInt8](text.utf8).bytes)
            #expect(short == nil, "\(text)")
        }
        let tooLong = Double(shortDecimal: [UInt8]("0.1000000000000000".utf8).bytes)
        #expect(tooLong == nil)
    }
}
