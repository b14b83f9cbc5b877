import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct ListpackTests {
    /// The texts of a listpack, or `nil` when it is damaged.
    private static func texts(_ bytes: [UInt8]) -> [String]? {
        do throws(RDBError) {
            var listpack = try Listpack(bytes.raw)
            var texts: [String] = []
            while let element = try listpack.next() {
                listpack.withText(of: element) { texts.append($0.text) }
            }
            return texts
        } catch {
            return nil
        }
    }

    /// A listpack with these elements, codes and contents.
    private static func listpack(_ elements: [[UInt8]], count: Int? = nil) -> [UInt8] {
        let body = elements.flatMap { $0 + size($0.count) }
        return Payload.littleEndian(UInt64(body.count + 7), 4)
            + Payload.littleEndian(UInt64(count ?? elements.count), 2)
            + body + [255]
    }

    /// The size of an element as it stands behind it.
    private static func size(_ size: Int) -> [UInt8] {
        let width = size <= 127 ? 1 : size < 16_383 ? 2 : 3
        return (0..<width).map { UInt8(size >> (7 * (width - 1 - $0)) & 0x7f) | ($0 == 0 ? 0 : 0x80) }
    }

    @Test func everyCode() {
        let elements: [([UInt8], String)] = [
            ([0], "0"), ([127], "127"), ([0x80], ""), ([0x83] + [UInt8]("abc"), "abc"),
            ([0xc0, 0], "0"), ([0xcf, 0xff], "4095"), ([0xd0, 0], "-4096"), ([0xdf, 0xff], "-1"),
            ([0xe0, 2] + [UInt8]("ab"), "ab"), ([0xf0, 2, 0, 0, 0] + [UInt8]("ab"), "ab"),
            ([0xf1, 0xff, 0x7f], "32767"), ([0xf1, 0, 0x80], "-32768"), ([0xf2, 0, 0, 0x80], "-8388608"),
            ([0xf3, 0xff, 0xff, 0xff, 0x7f], "2147483647"),
            ([0xf4, 0, 0, 0, 0, 0, 0, 0, 0x80], "-9223372036854775808"),
        ]
        #expect(Self.texts(Self.listpack(elements.map(\.0))) == elements.map(\.1))
        for code in UInt8(0xf5)...0xff {
            #expect(Self.texts(Self.listpack([[code, 0, 0, 0, 0, 0, 0, 0, 0]])) == nil, "code \(code)")
        }
    }

    @Test func stringsOfManyLengths() {
        for length in Array(0...130) + Array(4090...4100) + Array(16_370...16_390) + [70_000] {
            let text = [UInt8](repeating: 0x78, count: length)
            let code: [UInt8] =
                length < 64
                ? [0x80 | UInt8(length)]
                : length < 4096
                    ? [0xe0 | UInt8(length >> 8), UInt8(length & 0xff)]
                    : [0xf0] + Payload.littleEndian(UInt64(length), 4)
            let bytes = Self.listpack([code + text, [7]])
            #expect(Self.texts(bytes) == [String(repeating: "x", count: length), "7"], "\(length)")
        }
    }

    @Test func damage() {
        let good = Self.listpack([[1], [0x82, 0x61, 0x62], [0xf1, 1, 2]])
        #expect(Self.texts(good) == ["1", "ab", "513"])
        #expect(Self.texts(Self.listpack([[1]], count: 65535)) == ["1"], "to be counted")
        for count in [0, 1, 2, 4, 65534] {
            #expect(Self.texts(Self.listpack([[1], [2], [3]], count: count)) == nil, "\(count) elements")
        }
        for length in 0..<good.count { #expect(Self.texts(Array(good[..<length])) == nil) }
        #expect(Self.texts(good + [0]) == nil && Self.texts([]) == nil)
        for index in good.indices {
            // The text of the string may be anything, and so may the bytes of numbers.
            if [6, 9, 10, 13, 14].contains(index) { continue }
            for bit in 0..<8 {
                var damaged = good
                damaged[index] ^= 1 << UInt8(bit)
                #expect(Self.texts(damaged) == nil, "bit \(bit) of byte \(index)")
            }
        }
    }
}
