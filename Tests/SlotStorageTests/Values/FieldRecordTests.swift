import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct FieldRecordTests {
    /// Around every change of the lengths' width and of jemalloc's class.
    private static let lengths =
        Array(0...50) + [62, 63, 64, 100, 125, 126, 127, 128, 129, 255, 256, 16_383, 16_384, 70_000]

    private func bytes(_ count: Int, _ salt: UInt8) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0) &* 31 &+ salt }
    }

    @Test func everyPairOfLengths() {
        for fieldLength in Self.lengths {
            for valueLength in Self.lengths where fieldLength < 1000 || valueLength < 1000 {
                let (field, value) = (bytes(fieldLength, 1), bytes(valueLength, 2))
                let record = FieldRecord.make(field.raw, value.raw)
                defer { record.free() }
                if record.field.array != field || record.value.array != value {
                    return fail("\(fieldLength), \(valueLength)")
                }
            }
        }
    }

    /// From every length to every other, and not a byte is lost or left.
    @Test(arguments: [0, 1, 15, 127, 128, 200])
    func replacing(_ fieldLength: Int) {
        let field = bytes(fieldLength, 3)
        let left = bytesLeft {
            for old in Self.lengths {
                for new in Self.lengths {
                    let (oldValue, newValue) = (bytes(old, 4), bytes(new, 5))
                    let record = FieldRecord.make(field.raw, oldValue.raw)
                    let changed = record.replacingValue(with: newValue.raw)
                    if changed.field.array != field || changed.value.array != newValue {
                        fail("\(fieldLength): \(old) by \(new)")
                    }
                    changed.free()
                }
            }
        }
        #expect(left == 0)
    }

    @Test func replacingAllocatesNothingWithinAClass() {
        let (field, short, middle, long) = (bytes(10, 1), bytes(1, 2), bytes(17, 3), bytes(20, 4))
        var record = FieldRecord.make(field.raw, long.raw)
        let allocated = bytesAllocated {
            for _ in 0..<100 {
                record = record.replacingValue(with: long.raw)
                record = record.replacingValue(with: middle.raw)
            }
        }
        let moving = bytesAllocated { record = record.replacingValue(with: short.raw).replacingValue(with: long.raw) }
        #expect(allocated == 0)
        #expect(moving >= 32)
        record.free()
    }
}
