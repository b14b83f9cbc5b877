import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct CompactListValidationTests {
    private static func list(_ texts: [[UInt8]]) -> [UInt8] {
        var list = CompactList.make()
        defer { list.free() }
        for text in texts { list.append(text.raw) }
        return list.bytes.array
    }

    private static let sample = list(
        ["", "abc", "5", "100", "-300", "70000", "-9000000", "99999999999"].map { [UInt8]($0) } + [
            [UInt8](repeating: 0x78, count: 70), [UInt8](repeating: 0x79, count: 260), [0x7a],
        ])

    @Test func whatIsMadeIsValid() {
        check(CompactList.isValid(Self.list([]).raw))
        check(CompactList.isValid(Self.sample.raw))
        check(CompactList.isValid(Self.list([[UInt8](repeating: 0x78, count: 20_000)]).raw))
    }

    @Test func prefixesAndTailsAreNot() {
        for length in 0..<Self.sample.count { check(!CompactList.isValid(Array(Self.sample[..<length]).raw)) }
        check(!CompactList.isValid((Self.sample + [255]).raw))
        check(!CompactList.isValid((Self.sample + [0]).raw))
    }

    /// Every byte with every value: what is accepted can be walked, changed and freed.
    @Test func everyByteChanged() {
        for index in Self.sample.indices {
            // The middle of a long text says nothing of the structure.
            if index > 0, [0x78, 0x79].contains(Self.sample[index - 1]), index % 20 != 0 { continue }
            for value in UInt8.min...UInt8.max {
                var bytes = Self.sample
                bytes[index] = value
                Self.use(bytes)
            }
        }
    }

    @Test func randomBytes() {
        var random = SeededGenerator(for: "CompactListValidationTests.randomBytes")
        for _ in 0..<20_000 {
            var bytes = Self.sample
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...4, using: &random) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
                case 2: bytes[index] = [0, 1, 63, 64, 127, 128, 192, 253, 254, 255].randomElement(using: &random) ?? 0
                case 3: bytes[index] &+= 1
                default: bytes.removeSubrange(index..<min(bytes.count, index + 9))
                }
                if bytes.isEmpty { break }
            }
            // So that the rest is looked at, too.
            if bytes.count >= 4, Bool.random(using: &random) {
                bytes.replaceSubrange(0..<4, with: Payload.littleEndian(UInt64(bytes.count), 4))
            }
            Self.use(bytes)
        }
    }

    /// A stored count of 65535 says nothing, any other has to be right.
    @Test func counts() {
        for stored in [0, 1, 2, 3, 4, 65_534, 65_535] {
            var bytes = Self.list([[1], [2], [3]])
            bytes.replaceSubrange(8..<10, with: Payload.littleEndian(UInt64(stored), 2))
            check(CompactList.isValid(bytes.raw) == (stored == 3 || stored == 65_535), "\(stored)")
        }
    }

    /// Links may be wider than they need to be.
    @Test func wideLinks() {
        let bytes: [UInt8] = [19, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0xf3, 254, 2, 0, 0, 0, 0xf4, 255]
        check(CompactList.isValid(bytes.raw))
        Self.use(bytes)
    }

    private static func use(_ bytes: [UInt8]) {
        guard CompactList.isValid(bytes.raw) else { return }
        var list = CompactList.make(copying: bytes.raw)
        defer { list.free() }
        check(list.bytes.array == bytes)
        var texts: [[UInt8]] = []
        var position = list.first
        while let current = position {
            texts.append(list.withBytes(at: current) { $0.array })
            position = list.next(after: current)
        }
        if texts.count > 1 {
            list.remove(from: 0, count: 1)
            texts.removeFirst()
        }
        list.prepend([UInt8](repeating: 0x77, count: 254).raw)
        texts.insert([UInt8](repeating: 0x77, count: 254), at: 0)
        check(CompactList.isValid(list.bytes), "\(bytes)")
        check(list.count == texts.count)
        check(
            texts.indices.allSatisfy { index in
                list.position(at: index).map { position in list.withBytes(at: position) { $0.array } } == texts[index]
            }, "\(bytes)")
    }
}
