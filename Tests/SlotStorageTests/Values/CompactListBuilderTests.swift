import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// A list that is built has the bytes of one that grew.
struct CompactListBuilderTests {
    private static func built(_ texts: [[UInt8]]) -> [UInt8] {
        var builder = CompactListBuilder(reserving: 10)
        for text in texts { builder.append(text.raw) }
        let list = builder.finish()
        defer { list.free() }
        return list.bytes.array
    }

    private static func grown(_ texts: [[UInt8]]) -> [UInt8] {
        var list = CompactList.make()
        defer { list.free() }
        for text in texts { list.append(text.raw) }
        return list.bytes.array
    }

    @Test func everyLength() {
        // Around 254 bytes the link to an entry gets wider, around 64 and 16,384 its length does.
        for length in Array(0...300) + Array(16_370...16_400) + [70_000] {
            let texts = [[UInt8](repeating: 0x78, count: length), [0x61], [UInt8](repeating: 0x79, count: length)]
            #expect(Self.built(texts) == Self.grown(texts), "\(length)")
        }
    }

    @Test func integers() {
        for bit in 0..<64 {
            for number in [Int64(1) << Int64(bit), -(Int64(1) << Int64(bit == 63 ? 62 : bit)), (1 << Int64(bit)) &- 1] {
                var builder = CompactListBuilder(reserving: 0)
                builder.append(number)
                builder.append([UInt8](String(number)).raw)
                let list = builder.finish()
                let bytes = list.bytes.array
                list.free()
                #expect(bytes == Self.grown([[UInt8](String(number)), [UInt8](String(number))]), "\(number)")
            }
        }
    }

    @Test func many() {
        var random = SeededGenerator(for: "CompactListBuilderTests.many")
        for count in [0, 1, 2, 500, 65_534, 65_535, 65_536] {
            let texts = (0..<count).map { number in
                number % 3 == 0 ? [UInt8](String(number)) : random.bytes(Int.random(in: 0...9, using: &random))
            }
            let bytes = Self.built(texts)
            let isValid = CompactList.isValid(bytes.raw)
            #expect(isValid, "\(count) entries")
            // Growing is slow for the longest.
            if count <= 500 { #expect(bytes == Self.grown(texts), "\(count) entries") }
        }
    }

    @Test func memoryComesBack() {
        let left = bytesLeft {
            var builder = CompactListBuilder(reserving: 100)
            builder.append([UInt8](repeating: 1, count: 5000).raw)
        }
        #expect(left == 0)
    }
}
