import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct IntegerSetTests {
    private static let borders: [Int64] = [
        0, 1, -1, 127, 128, 32_767, 32_768, -32_768, -32_769, 2_147_483_647, 2_147_483_648, -2_147_483_648,
        -2_147_483_649, .max, .min,
    ]

    private func complaint(_ set: IntegerSet, _ model: Set<Int64>) -> String? {
        if !IntegerSet.isValid(set.bytes) { return "broken" }
        if (0..<set.count).map({ set[$0] }) != model.sorted() { return "another content" }
        for number in Self.borders where set.contains(number) != model.contains(number) { return "contains \(number)" }
        return nil
    }

    @Test func theBytesAreRedis() {
        var set = IntegerSet.make()
        #expect(set.bytes.array == [2, 0, 0, 0, 0, 0, 0, 0])
        check(set.insert(3) && set.insert(-2) && !set.insert(3))
        #expect(set.bytes.array == [2, 0, 0, 0, 2, 0, 0, 0, 0xfe, 0xff, 3, 0])
        check(set.insert(-40_000))
        #expect(
            set.bytes.array == [4, 0, 0, 0, 3, 0, 0, 0, 0xc0, 0x63, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0])
        check(set.remove(-40_000) && !set.remove(-40_000))
        #expect(set.bytes.array == [4, 0, 0, 0, 2, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0])
        set.free()
    }

    /// Sets as redis-server 2.8.17 dumps them.
    @Test func dumpsOfRedis() {
        let numbers: [Int64] = [
            5, 70_000, -3, 1 << 40, -1 << 40, -70_000, 1 << 31, -1 << 31 - 1, .max, .min,
        ]
        var set = IntegerSet.make()
        for number in numbers { check(set.insert(number)) }
        let all: [UInt8] =
            [8, 0, 0, 0, 10, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0x80] + [0, 0, 0, 0, 0, 0xff, 0xff, 0xff]
            + [0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff] + [0x90, 0xee, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff]
            + [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] + [5, 0, 0, 0, 0, 0, 0, 0]
            + [0x70, 0x11, 1, 0, 0, 0, 0, 0] + [0, 0, 0, 0x80, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 1, 0, 0]
            + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        #expect(set.bytes.array == all)
        for number in [1 << 40, 5, .max] as [Int64] { check(set.remove(number)) }
        let rest = all.prefix(8) + all[8..<48] + all[56..<72]
        #expect(set.bytes.array == [8, 0, 0, 0, 7] + rest.dropFirst(5))
        set.free()
    }

    /// Every sequence of three borders, then removal.
    @Test func everyThreeBorders() {
        let left = bytesLeft {
            for a in Self.borders {
                for b in Self.borders {
                    for c in Self.borders {
                        var set = IntegerSet.make()
                        var model: Set<Int64> = []
                        for number in [a, b, c] {
                            if set.insert(number) != model.insert(number).inserted {
                                return fail("insert \([a, b, c])")
                            }
                        }
                        if let complaint = complaint(set, model) { return fail("\(complaint): \([a, b, c])") }
                        if !set.remove(b) || set.remove(b) { return fail("remove \([a, b, c])") }
                        model.remove(b)
                        if let complaint = complaint(set, model) { return fail("\(complaint): \([a, b, c])") }
                        set.free()
                    }
                }
            }
        }
        #expect(left == 0)
    }

    @Test func randomChanges() {
        var random = SeededGenerator(for: "IntegerSetTests.randomChanges")
        for round in 0..<200 {
            var set = IntegerSet.make()
            var model: Set<Int64> = []
            let shift = Int64([60, 58, 48, 32, 0].randomElement(using: &random) ?? 0)
            for _ in 0..<300 {
                let number = Int64(bitPattern: random.next()) >> shift
                if Int.random(in: 0...2, using: &random) > 0 {
                    if set.insert(number) != model.insert(number).inserted { return fail("seed \(random.seed)") }
                } else if set.remove(number) != (model.remove(number) != nil) {
                    return fail("seed \(random.seed)")
                }
            }
            if let complaint = complaint(set, model) {
                return fail("\(complaint): seed \(random.seed), round \(round)")
            }
            let copy = IntegerSet.make(copying: set.bytes)
            if let complaint = complaint(copy, model) { return fail("copy \(complaint): seed \(random.seed)") }
            copy.free()
            set.free()
        }
    }

    @Test func whatIsNotASet() {
        let valid: [UInt8] = [4, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]
        check(IntegerSet.isValid(valid.raw))
        for length in 0..<valid.count { check(!IntegerSet.isValid(Array(valid[..<length]).raw)) }
        for index in 0..<8 {
            for value in UInt8.min...UInt8.max where value != valid[index] {
                var bytes = valid
                bytes[index] = value
                // Four numbers of two bytes: 1, 0, 2, 0.
                check(!IntegerSet.isValid(bytes.raw), "\(bytes)")
            }
        }
        check(!IntegerSet.isValid((valid + [0]).raw))
        check(!IntegerSet.isValid([2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0].raw), "twice")
        check(!IntegerSet.isValid([2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0xff, 0xff].raw), "descending")
        check(!IntegerSet.isValid([8, 0, 0, 0, 0xff, 0xff, 0xff, 0xff].raw))
    }
}
