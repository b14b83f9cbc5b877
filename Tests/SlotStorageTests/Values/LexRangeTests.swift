import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct LexRangeTests {
    @Test(arguments: ["-", "+", "[", "(", "[a", "(\0", "-\0b"])
    func accepted(_ text: String) {
        #expect(Self.isRange(text, "+") && Self.isRange("-", text))
    }

    @Test(arguments: ["", "a", "--", "+a", "1"])
    func refused(_ text: String) {
        #expect(!Self.isRange(text, "+") && !Self.isRange("-", text))
    }

    private static func isRange(_ minimum: String, _ maximum: String) -> Bool {
        let (low, high) = ([UInt8](minimum), [UInt8](maximum))
        return LexRange(minimum: low.raw, maximum: high.raw) != nil
    }
}
