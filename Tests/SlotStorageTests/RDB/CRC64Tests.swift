import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct CRC64Tests {
    @Test func checkValue() {
        let digits = [UInt8]("123456789")
        let crc = CRC64.checksum(digits.raw)
        #expect(crc == 0xe9c6_d914_c4b8_d9ca)
        let nothing = CRC64.checksum(RawSpan())
        #expect(nothing == 0)
    }

    @Test func everyLengthAgainstTheDefinition() {
        var random = SeededGenerator(for: "CRC64Tests.everyLength")
        for length in Array(0...200) + [4096] {
            let bytes = random.bytes(length)
            let crc = CRC64.checksum(bytes.raw)
            #expect(crc == Payload.naiveCRC64(bytes), "length \(length), seed \(random.seed)")
        }
    }

    @Test func anySplitGivesTheSame() {
        var random = SeededGenerator(for: "CRC64Tests.splits")
        let bytes = random.bytes(50)
        let whole = CRC64.checksum(bytes.raw)
        for split in 0...50 {
            let front = CRC64.checksum(bytes.raw.extracting(0..<split))
            let both = CRC64.checksum(bytes.raw.extracting(split..<50), continuing: front)
            #expect(both == whole, "split at \(split)")
        }
    }
}
