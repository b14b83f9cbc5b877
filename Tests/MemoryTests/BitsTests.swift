import Testing

@testable import Memory
import TestSupport

struct BitsTests {
    /// The bits of `bytes`, one by one, in Redis' order.
    private func bits(_ bytes: [UInt8]) -> [Bool] {
        bytes.flatMap { byte in (0..<8).map { byte & (0x80 >> UInt8($0)) != 0 } }
    }

    /// Every length around the eight-byte steps, with few bits, half of them and nearly all of them set.
    private func samples(_ random: inout SeededGenerator) -> [[UInt8]] {
        var samples: [[UInt8]] = []
        for length in 0...40 {
            let (clear, set) = ([UInt8](repeating: 0, count: length), [UInt8](repeating: 255, count: length))
            samples += [clear, set, random.bytes(length)]
            if length > 0 { samples += [clear.dropLast() + [0x10], set.dropLast() + [0xfd]] }
        }
        return samples
    }

    @Test func countsAndFindsBits() {
        var random = SeededGenerator(for: "BitsTests.countsAndFindsBits")
        for sample in samples(&random) {
            let model = bits(sample)
            #expect(sample.raw.setBitCount == model.count { $0 })
            #expect(sample.raw.firstBit(thatIs: true) == model.firstIndex(of: true), "\(sample)")
            #expect(sample.raw.firstBit(thatIs: false) == model.firstIndex(of: false), "\(sample)")
            for index in 0..<(model.count + 9) {
                #expect(sample.raw.bit(at: index) == (index < model.count && model[index]))
            }
        }
    }

    @Test func setsAndClearsBits() {
        for index in 0..<72 {
            var buffer = ByteBuffer(copying: [UInt8](repeating: 0x5a, count: 9).raw)
            let before = bits(buffer.bytes.array)
            for isSet in [true, false, false, true] {
                let known = buffer.bytes.bit(at: index)
                let old = setBit(&buffer, index, isSet)
                #expect(old == known)
                var expected = before
                expected[index] = isSet
                #expect(bits(buffer.bytes.array) == expected)
            }
        }
    }

    private func setBit(_ buffer: inout ByteBuffer, _ index: Int, _ isSet: Bool) -> Bool {
        var span = buffer.mutableBytes
        return span.setBit(at: index, to: isSet)
    }

    @Test(arguments: [BitOperation.and, .or, .exclusiveOr])
    func combinesWithShorterRuns(_ operation: BitOperation) {
        var random = SeededGenerator(for: "BitsTests.combinesWithShorterRuns")
        for length in 0...40 {
            for otherLength in 0...length {
                let left = random.bytes(length)
                let right = random.bytes(otherLength)
                var buffer = ByteBuffer(copying: left.raw)
                combine(&buffer, operation, right)
                var expected = left
                for index in 0..<length {
                    let other: UInt8 = index < otherLength ? right[index] : 0
                    switch operation {
                    case .and: expected[index] &= other
                    case .or: expected[index] |= other
                    case .exclusiveOr: expected[index] ^= other
                    }
                }
                #expect(buffer.bytes.array == expected, "\(length) with \(otherLength) bytes")
            }
        }
    }

    private func combine(_ buffer: inout ByteBuffer, _ operation: BitOperation, _ other: [UInt8]) {
        var span = buffer.mutableBytes
        span.combine(operation, with: other.raw)
    }

    @Test func invertsEveryLength() {
        for length in 0...40 {
            let bytes = (0..<length).map { UInt8($0 * 7 & 255) }
            var buffer = ByteBuffer(copying: bytes.raw)
            invert(&buffer)
            #expect(buffer.bytes.array == bytes.map { ~$0 })
        }
    }

    private func invert(_ buffer: inout ByteBuffer) {
        var span = buffer.mutableBytes
        span.invertBits()
    }

    @Test func replacesAndClearsBytes() {
        for offset in 0...5 {
            for length in 0...(5 - offset) {
                var buffer = ByteBuffer(copying: [1, 2, 3, 4, 5].raw)
                replace(&buffer, offset, [UInt8](repeating: 9, count: length))
                var expected: [UInt8] = [1, 2, 3, 4, 5]
                for index in offset..<(offset + length) { expected[index] = 9 }
                #expect(buffer.bytes.array == expected)
                clear(&buffer, offset)
                for index in offset..<5 { expected[index] = 0 }
                #expect(buffer.bytes.array == expected)
            }
        }
    }

    private func replace(_ buffer: inout ByteBuffer, _ offset: Int, _ part: [UInt8]) {
        var span = buffer.mutableBytes
        span.replaceBytes(from: offset, with: part.raw)
    }

    private func clear(_ buffer: inout ByteBuffer, _ offset: Int) {
        var span = buffer.mutableBytes
        span.clear(from: offset)
    }
}
