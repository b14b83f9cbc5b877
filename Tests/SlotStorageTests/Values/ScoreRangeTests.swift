import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct ScoreRangeTests {
    @Test func numbers() {
        let range = Self.range("-1.5", "(2e3")
        #expect(range?.minimum == -1.5 && range?.excludesMinimum == false)
        #expect(range?.maximum == 2000 && range?.excludesMaximum == true)
        let infinite = Self.range("(-inf", "+inf")
        #expect(infinite?.minimum == -.infinity && infinite?.excludesMinimum == true && infinite?.maximum == .infinity)
    }

    /// As `strtod` reads it, without a look at what it says of the range.
    @Test func lenience() {
        #expect(Self.range(" 1", "( 2")?.minimum == 1)
        #expect(Self.range("", "(")?.maximum == 0)
        #expect(Self.range("0x10", "1e999")?.minimum == 16)
        #expect(Self.range("1", "1e999")?.maximum == .infinity)
        #expect(Self.range("1\0x", "2")?.minimum == 1)
    }

    @Test(arguments: ["x", "1x", "nan", "((1", "1 ", "[1", "-"])
    func refused(_ text: String) {
        #expect(Self.range(text, "1") == nil && Self.range("1", text) == nil)
    }

    private static func range(_ minimum: String, _ maximum: String) -> ScoreRange? {
        ScoreRange(minimum: [UInt8](minimum).raw, maximum: [UInt8](maximum).raw)
    }
}
