import Testing

@testable import Memory
import TestSupport

struct LongDoubleTests {
    private func number(_ text: String) -> LongDouble? { LongDouble(cNumber: Array(text.utf8).raw) }

    private func text(_ number: LongDouble) -> String {
        let buffer = number.decimalText
        return buffer.bytes.text
    }

    #if arch(x86_64) || arch(i386)
        /// Sums with what Redis 2.8.17 answers to INCRBYFLOAT.
        @Test(arguments: [
            ("3.0", "1.1", "4.1"), ("10.5", "0.1", "10.6"), ("10.6", "5.0e3", "5010.60000000000000009"),
            ("0", "1e30", "1000000000000000000024696061952"), ("1e-20", "0", "0"), ("0", "-1e-30", "-0"),
            ("1", "0x10", "17"), ("", "", "0"), ("-0", "0", "0"), ("200", "-200", "0"), ("0.1", "0.2", "0.3"),
        ])
        func addsAsRedisDoes(_ left: String, _ right: String, _ sum: String) throws {
            #expect(text(try #require(number(left)) + (try #require(number(right)))) == sum)
        }

        @Test func printsTheLargest() throws {
            let largest = try #require(number("1.18973149535723176502e4932"))
            let digits = text(largest)
            #expect(digits.count == 4933 && digits.hasPrefix("1189731495357231765") && !digits.contains("."))
            #expect(number(digits) == largest)
        }
    #endif

    @Test(arguments: [
        "x", "1x", " 1", "\t1", "1 ", "--1", "+", "-", ".", "1,5", "nan", "NaN", "nan(1)", "1e5000", "-1e5000",
        "1e-5000", "1\u{0}", "\u{0}", "1..2",
    ])
    func refuses(_ text: String) {
        #expect(number(text) == nil)
    }

    @Test func acceptsInfinity() {
        #expect(number("inf") == .infinity && number("-INFINITY") == -.infinity)
    }

    @Test func refusesLongText() {
        let digits = String(repeating: "0", count: 5 * 1024 - 1)
        #expect(number(digits) == 0)
        #expect(number(digits + "0") == nil)
    }
}
