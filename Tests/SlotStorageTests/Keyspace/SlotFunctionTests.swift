import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct SlotFunctionTests {
    /// A key of the specification with what the servers answered for it.
    struct Row: Sendable, CustomTestStringConvertible {
        let key: [UInt8]
        let crc: UInt32
        let slot: Int
        let isTagged: Bool

        init(_ key: [UInt8], _ crc: UInt32, _ slot: Int, tagged: Bool = false) {
            self.key = key
            self.crc = crc
            self.slot = slot
            isTagged = tagged
        }

        init(_ key: String, _ crc: UInt32, _ slot: Int, tagged: Bool = false) {
            self.init([UInt8](key), crc, slot, tagged: tagged)
        }

        var testDescription: String { String(decoding: key, as: UTF8.self).debugDescription }
    }

    static let table: [Row] = [
        Row("", 0x0000_0000, 0),
        Row("a", 0xe8b7_be43, 579),
        Row("b", 0x71be_eff9, 1017),
        Row("c", 0x06b9_df6f, 879),
        Row("A", 0xd3d9_9e8b, 651),
        Row("foo", 0x8c73_6521, 289),
        Row("FOO", 0x1ad4_27ab, 939),
        Row("bar", 0x76ff_8caa, 170),
        Row("hello", 0x3610_a686, 646),
        Row("0", 0xf4db_df21, 801),
        Row("-1", 0x302d_482a, 42),
        Row("123456789", 0xcbf4_3926, 294),
        Row("key:1", 0x0b6f_3bec, 1004),
        Row("user:1000", 0x9f74_17e3, 995),
        Row("bigkey:0000000001", 0x64c3_aab6, 694),
        Row([UInt8](repeating: 0x61, count: 64), 0x89b4_6555, 341),
        Row(" ", 0xe96c_cf45, 837),
        Row("{", 0x15d5_4739, 825),
        Row("}", 0xfcb6_e20c, 524),
        Row("{}", 0x0000_0000, 0, tagged: true),
        Row("a{}b", 0x0000_0000, 0, tagged: true),
        Row("{}{a}", 0x0000_0000, 0, tagged: true),
        Row("foo{}{bar}", 0x0000_0000, 0, tagged: true),
        Row("{}}", 0x0000_0000, 0, tagged: true),
        Row("{a}", 0xe8b7_be43, 579, tagged: true),
        Row("x{a}y", 0xe8b7_be43, 579, tagged: true),
        Row("{a}}", 0xe8b7_be43, 579, tagged: true),
        Row("{a}{b}", 0xe8b7_be43, 579, tagged: true),
        Row("}{a}", 0xe8b7_be43, 579, tagged: true),
        Row([0x00, 0x7b, 0x61, 0x7d, 0x00], 0xe8b7_be43, 579, tagged: true),
        Row("{a", 0xb7a7_e30c, 780),
        Row("a}", 0x138b_4598, 408),
        Row("}a{", 0x1859_d043, 67),
        Row("}{", 0x1c9f_bdf0, 496),
        Row("x{y", 0x40b1_895f, 351),
        Row("{user", 0xe4f7_2f96, 918),
        Row("{{a}", 0xb7a7_e30c, 780, tagged: true),
        Row("{{a}}", 0xb7a7_e30c, 780, tagged: true),
        Row("{{{a}}}", 0x519b_af50, 848, tagged: true),
        Row("foo{{bar}}zap", 0x14c4_ad39, 313, tagged: true),
        Row("foo{bar}{zap}", 0x76ff_8caa, 170, tagged: true),
        Row("{ }", 0xe96c_cf45, 837, tagged: true),
        Row("{a b}", 0x806c_5cd3, 211, tagged: true),
        Row("user:{1000}:name", 0xb427_a317, 791, tagged: true),
        Row("user:{1000}:mail", 0xb427_a317, 791, tagged: true),
        Row([0x00], 0xd202_ef8d, 909),
        Row([0x7b, 0x00, 0x7d, 0x78], 0xd202_ef8d, 909, tagged: true),
        Row([0xff, 0xfe, 0x00, 0x01], 0x371c_b7a1, 929),
        Row([0x6b, 0x0d, 0x0a], 0xeeb8_6a80, 640),
        Row([0xe4, 0xbd, 0xa0, 0xe5, 0xa5, 0xbd], 0x50a2_b841, 65),
        Row([0x7b, 0xe4, 0xbd, 0xa0, 0x7d, 0xe5, 0xa5, 0xbd], 0xd617_d273, 627, tagged: true),
        Row(Array(0...255), 0x8bb1_d29a, 666, tagged: true),
        // Two tags of one CRC.
        Row("{plumless}1", 0x4ddb_0c25, 0x025, tagged: true),
        Row("{buckeroo}2", 0x4ddb_0c25, 0x025, tagged: true),
    ]

    @Test(arguments: table)
    func specification(_ row: Row) {
        let tag = SlotTag(of: row.key.raw)
        #expect(tag.crc == row.crc)
        #expect(tag.slot == row.slot)
        #expect(tag.isTagged == row.isTagged)
    }

    /// Bit by bit, as the definition says.
    private func naiveCRC(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }

    private func naiveTag(_ key: [UInt8]) -> (tag: [UInt8], isTagged: Bool) {
        guard let open = key.firstIndex(of: 0x7b), let close = key[open...].firstIndex(of: 0x7d) else {
            return (key, false)
        }
        return (Array(key[(open + 1)..<close]), true)
    }

    @Test func everyLengthOfRandomBytes() {
        var random = SeededGenerator(for: "SlotFunctionTests.lengths")
        for length in Array(0...200) + [1000, 70_000] {
            // Braces would make a tag, and the whole is to be summed here.
            let key = random.bytes(length).map { $0 == 0x7b ? 0 : $0 }
            let tag = SlotTag(of: key.raw)
            #expect(tag.crc == naiveCRC(key) && !tag.isTagged, "length \(length), seed \(random.seed)")
        }
    }

    @Test func randomKeysFullOfBraces() {
        var random = SeededGenerator(for: "SlotFunctionTests.braces")
        let alphabet: [UInt8] = [0x7b, 0x7d, 0x61, 0x00, 0xff]
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...12, using: &random)
            let key = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let (expected, isTagged) = naiveTag(key)
            let tag = SlotTag(of: key.raw)
            let crc = naiveCRC(expected)
            if tag.crc != crc || tag.isTagged != isTagged || tag.slot != Int(crc % 1024) {
                return fail("seed \(random.seed): \(key) gave \(tag)")
            }
        }
    }
}
