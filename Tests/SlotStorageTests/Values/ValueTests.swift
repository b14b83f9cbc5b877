import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct ValueTests {
    private func value(_ text: String) -> Value {
        let bytes = [UInt8](text)
        return Value(copying: bytes.raw)
    }

    @Test(arguments: ["0", "-1", "7", "9223372036854775807", "-9223372036854775808", "1000000"])
    func canonicalNumbersAreIntegers(_ text: String) {
        let value = value(text)
        #expect(value.encoding == .integer && value.block == nil)
        #expect(Int64(bitPattern: value.payload) == Int64(text))
    }

    @Test(arguments: [
        "", "-", "007", "+1", "-0", " 1", "1 ", "1.5", "9223372036854775808", "-9223372036854775809", "1e3",
        "00000000000000000001", "123456789012345678901",
    ])
    func everythingElseIsBytes(_ text: String) {
        let value = value(text)
        let copy = value.block?.bytes.array
        #expect(value.encoding == .block && copy == [UInt8](text))
        value.free()
    }

    @Test func freeingGivesTheMemoryBack() {
        let left = bytesLeft {
            value("12").free()
            value("text").free()
            value(String(repeating: "x", count: 5000)).free()
        }
        #expect(left == 0)
    }
}
