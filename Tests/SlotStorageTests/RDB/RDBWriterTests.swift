import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct RDBWriterTests {
    private func written(compresses: Bool = true, _ write: (inout RDBWriter) -> Void) -> [UInt8] {
        var writer = RDBWriter(compresses: compresses)
        write(&writer)
        return writer.output.bytes.array
    }

    private func string(_ bytes: [UInt8], compresses: Bool = true) -> [UInt8] {
        written(compresses: compresses) { $0.writeString(bytes.raw) }
    }

    @Test(
        arguments: [
            (0, [0x00]), (1, [0x01]), (63, [0x3f]), (64, [0x40, 0x40]), (255, [0x40, 0xff]), (256, [0x41, 0x00]),
            (16_383, [0x7f, 0xff]), (16_384, [0x80, 0x00, 0x00, 0x40, 0x00]),
            (1 << 24, [0x80, 0x01, 0x00, 0x00, 0x00]),
            (0xffff_ffff, [0x80, 0xff, 0xff, 0xff, 0xff]),
        ] as [(Int, [UInt8])])
    func lengths(_ length: Int, _ bytes: [UInt8]) {
        #expect(written { $0.writeLength(length) } == bytes)
    }

    @Test(
        arguments: [
            (0, [0xc0, 0x00]), (1, [0xc0, 0x01]), (-1, [0xc0, 0xff]), (127, [0xc0, 0x7f]), (-128, [0xc0, 0x80]),
            (128, [0xc1, 0x80, 0x00]), (-129, [0xc1, 0x7f, 0xff]), (32_767, [0xc1, 0xff, 0x7f]),
            (-32_768, [0xc1, 0x00, 0x80]),
            (32_768, [0xc2, 0x00, 0x80, 0x00, 0x00]), (-32_769, [0xc2, 0xff, 0x7f, 0xff, 0xff]),
            (2_147_483_647, [0xc2, 0xff, 0xff, 0xff, 0x7f]), (-2_147_483_648, [0xc2, 0x00, 0x00, 0x00, 0x80]),
        ] as [(Int64, [UInt8])])
    func integers(_ number: Int64, _ bytes: [UInt8]) {
        #expect(written { $0.writeString(number) } == bytes)
        #expect(string([UInt8](String(number))) == bytes, "the text of a number is written as the number")
    }

    @Test(arguments: [2_147_483_648, -2_147_483_649, .max, .min] as [Int64])
    func numbersBeyond32BitsAreText(_ number: Int64) {
        let text = [UInt8](String(number))
        #expect(written { $0.writeString(number) } == [UInt8(text.count)] + text)
        #expect(string(text) == [UInt8(text.count)] + text)
    }

    @Test(arguments: ["", "007", "+1", "-0", " 1", "1.5", "abc", "000000000012"])
    func whatIsNoNumberIsText(_ text: String) {
        #expect(string([UInt8](text)) == [UInt8(text.utf8.count)] + [UInt8](text))
    }

    @Test func compressionBeginsBehindTwentyBytesAndWhereItHelps() {
        let repeated = [UInt8](repeating: 0x61, count: 20)
        #expect(string(repeated) == [20] + repeated)
        let longer = repeated + repeated
        let compressed = string(longer)
        #expect(compressed.first == 0xc3 && compressed.count < longer.count)
        #expect(string(longer, compresses: false) == [40] + longer)
        let distinct = (0..<60).map { UInt8($0) }
        #expect(string(distinct) == [60] + distinct, "what does not get shorter is written as it is")
    }

    @Test func aCompressedStringIsNeverLonger() {
        var random = SeededGenerator(for: "RDBWriterTests.compressed")
        for length in 21...400 {
            let alphabet = Int.random(in: 1...256, using: &random)
            let bytes = random.bytes(length).map { UInt8(Int($0) % alphabet) }
            let plain = string(bytes, compresses: false)
            #expect(string(bytes).count <= plain.count, "length \(length), seed \(random.seed)")
        }
    }

    @Test func emptyingKeepsTheMemory() {
        var writer = RDBWriter()
        writer.writeString([UInt8](repeating: 0, count: 5000).raw)
        let capacity = writer.output.capacity
        writer.removeAll()
        let (count, kept) = (writer.output.count, writer.output.capacity)
        #expect(count == 0 && kept == capacity)
    }

    @Test func memoryComesBack() {
        let bytes = [UInt8](repeating: 0x61, count: 10_000)
        let left = bytesLeft {
            var writer = RDBWriter()
            for _ in 0..<10 { writer.writeString(bytes.raw) }
        }
        #expect(left == 0)
    }
}
