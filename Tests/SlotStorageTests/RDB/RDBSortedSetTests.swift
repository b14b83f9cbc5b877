import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct RDBSortedSetTests {
    /// What Redis 2.8.17 dumps for some sorted sets, without compression.
    private static let recorded: [(items: [(String, Double)], isTree: Bool, payload: String)] = [
        (
            [("one", 1), ("two", 2.5), ("x", -.infinity), ("z", .infinity), ("p", 0.1)], false,
            "0c4045450000003f0000000a0000017803042d696e660601700313302e31303030303030303030303030303030311503"
                + "6f6e6505f2020374776f0503322e3505017a0303696e66ff0600ecfd607062318f33"
        ),
        (
            [("m", -0.0), ("big", 12_345_678_901_234_568), ("q", 4_503_599_627_370_497), ("e", 1e300), ("12", 300)],
            false,
            "0c405050000000360000000a0000016d03022d3004fd02c02c0104017103e001000000000010000a0362696705e0884b"
                + "6b5d54dc2b000a01650317312e30303030303030303030303030303031652b333030ff06003e664c98d08a0b12"
        ),
        ([("only", 0.1)], true, "0301046f6e6c7913302e31303030303030303030303030303030310600dabec546a395172f"),
        ([("123", -.infinity)], true, "0301c07bff060013599a05a028ed07"),
        ([("123", .infinity)], true, "0301c07bfe0600ad61dacb8979fff3"),
        ([("123", -0.0)], true, "0301c07b022d300600308be94aabd443ab"),
        ([("123", 3)], true, "0301c07b0133060020c27da7f591ef4d"),
        (
            [("123", 1e300)], true,
            "0301c07b17312e30303030303030303030303030303031652b3330300600f44faa6db40111ed"
        ),
        ([("123", 4_503_599_627_370_497)], true, "0301c07b103435303335393936323733373034393706009a7efc2bfb539817"),
    ]

    @Test func recordedPayloads() {
        for (items, isTree, payload) in Self.recorded {
            let limits = EncodingLimits(entries: isTree ? 0 : 128)
            let bytes = Self.bytes(payload)
            let set = SortedSetValue.make(items, limits)
            #expect(Self.written(set, compresses: false) == bytes, "\(items)")
            let other = Self.decoded(bytes, limits)
            #expect(other?.items() == set.items() && other?.encoding == set.encoding, "\(items)")
            other?.free()
            set.free()
        }
    }

    /// Both forms are read into the form that the limits call for, but that a ziplist is not asked for long members.
    @Test(arguments: [0, 3, 4, 128])
    func formsAfterReading(_ entries: Int) {
        let items: [(String, Double)] = [("a", 1), ("bcdef", 2), ("c", 2), ("1000000", -3.25)]
        for source in [SortedSetValue.make(items), SortedSetValue.make(items, EncodingLimits(entries: 0))] {
            let limits = EncodingLimits(entries: entries, value: 4)
            let read = Self.decoded(Self.written(source), limits)
            #expect(read?.items() == source.items())
            let isCompact = source.isCompact && entries >= 4
            #expect(read?.encoding == (isCompact ? .compactList : .tree))
            read?.free()
            let roomy = Self.decoded(Self.written(source), EncodingLimits(entries: 4))
            #expect(roomy?.encoding == .compactList && roomy?.items() == source.items())
            roomy?.free()
            source.free()
        }
    }

    @Test func largeSets() {
        for (size, compresses) in [(129, true), (5000, false), (5000, true)] {
            let set = SortedSetValue.make((0..<size).map { ("member \($0 * 31 % size)", Double($0) / 3) })
            let read = Self.decoded(Self.written(set, compresses: compresses), EncodingLimits())
            #expect(read?.items() == set.items())
            if let complaint = read?.tree.complaint { Issue.record("\(complaint)") }
            read?.free()
            set.free()
        }
    }

    /// Long sets become trees while they are read, in whatever order their members come.
    @Test(arguments: ["ascending", "descending", "shuffled", "ascending at first"])
    func orders(_ order: String) throws {
        var random = SeededGenerator(for: "RDBSortedSetTests.orders")
        var numbers = Array(0..<20_000)
        switch order {
        case "descending": numbers.reverse()
        case "shuffled": numbers.shuffle(using: &random)
        case "ascending at first": numbers[17_000...].shuffle(using: &random)
        default: break
        }
        var content: [UInt8] = [5, 0x80, 0, 0, 0x4e, 0x20]
        for number in numbers {
            content += RDBFile.string("m\(number)") + Payload.littleEndian(Double(number / 2).bitPattern, 8)
        }
        var reader = RDBReader(content.raw)
        let set = SortedSetValue(try reader.readTypeAndValue(limits: EncodingLimits()))
        if let complaint = set.tree.complaint { Issue.record("\(complaint)") }
        var members: [String] = []
        set.forEach { member, _ in members.append(member.text) }
        let expected = (0..<20_000).map { "m\($0)" }.enumerated().sorted {
            ($0.offset / 2, $0.element) < ($1.offset / 2, $1.element)
        }
        check(members == expected.map(\.element), order)
        set.free()
        // The same member twice is found in each of the ways.
        var twice = content + RDBFile.string("m7") + Payload.littleEndian((1.0).bitPattern, 8)
        twice[5] = 0x21
        #expect(Collections.read(twice, EncodingLimits()).failure == .repeatedMember)
    }

    @Test func refusedContents() {
        let refused: [[UInt8]] = [
            // no member; NaN, as a mark, as text and hidden in it; text that is no number, or none
            [3, 0], [3, 1, 1, 97, 253], [3, 1, 1, 97, 3] + [UInt8]("nan"), [3, 1, 1, 97, 2] + [UInt8]("1x"),
            [3, 1, 1, 97, 0], [3, 1, 1, 97, 2, 49, 0], [3, 1, 1, 97, 2, 32, 49], [3, 1, 1, 97, 5] + [UInt8]("1e999"),
            // the same member twice; fewer members than announced
            [3, 2, 1, 97, 1, 49, 1, 97, 1, 50], [3, 2, 1, 97, 1, 49], [3, 0x80, 255, 255, 255, 255, 1, 97, 1, 49],
            // compact: no member; a member without score; no number; out of order; the same member twice
            Self.compact([]), Self.compact(["a"]), Self.compact(["a", "x"]), Self.compact(["a", "nan"]),
            Self.compact(["a", ""]), Self.compact(["a", "2", "b", "1"]), Self.compact(["b", "1", "a", "1"]),
            Self.compact(["a", "1", "a", "1"]), Self.compact(["a", "1", "a", "2"]),
            Self.compact(["a", "1", "b", "2", "c"]), [12, 3, 1, 2, 3],
        ]
        for content in refused {
            #expect(Self.decoded(Payload.sealed(content), EncodingLimits()) == nil, "\(content)")
        }
        let accepted = Self.decoded(Payload.sealed(Self.compact(["a", "1", "b", "1", "a1", "0x10"])), EncodingLimits())
        #expect(accepted?.items().map(\.score) == [1, 1, 16])
        accepted?.free()
    }

    /// Contents with some bytes changed are refused or are sorted sets that can be written and read again.
    @Test func mutatedContents() {
        var random = SeededGenerator(for: "RDBSortedSetTests.mutatedContents")
        let seeds =
            Self.recorded.map { Array(Self.bytes($0.payload).dropLast(10)) } + [
                Self.compact(["a", "1", "b", "2.5", "c", "inf", "d", "inf"]),
                [3, 3, 1, 97, 1, 49, 1, 98, 1, 50, 1, 99, 254],
            ]
        var accepted = 0
        for round in 0..<60_000 {
            var content = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: content.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: content[index] = .random(in: 0...255, using: &random)
                case 1: content[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2 where content.count > 1: content.remove(at: index)
                default: content.insert(.random(in: 0...255, using: &random), at: index)
                }
            }
            guard content[0] == 3 || content[0] == 12,
                let set = Self.decoded(Payload.sealed(content), EncodingLimits(entries: 2))
            else { continue }
            accepted += 1
            let again = Self.decoded(Self.written(set), EncodingLimits(entries: 2))
            let isSame = set.count > 0 && again?.items() == set.items()
            again?.free()
            set.free()
            if !isSame { return fail("seed \(random.seed), round \(round): \(content)") }
        }
        #expect(accepted > 1000 && accepted < 50_000, "the mutations reach both ends")
    }

    @Test func refusedContentsLeaveNothing() {
        #expect(
            bytesLeft {
                for content in [[3, 2, 1, 97, 1, 49, 1, 97, 1, 50], Self.compact(["b", "1", "a", "1"])] {
                    Self.decoded(Payload.sealed(content), EncodingLimits())?.free()
                }
            } == 0)
    }

    private static func compact(_ entries: [String]) -> [UInt8] {
        var list = CompactList.make()
        defer { list.free() }
        for entry in entries { list.append([UInt8](entry).raw) }
        return [12, UInt8(list.byteCount)] + list.bytes.array
    }

    private static func written(_ set: SortedSetValue, compresses: Bool = true) -> [UInt8] {
        var writer = RDBWriter(compresses: compresses)
        writer.write(set)
        return Payload.sealed(writer.output.bytes.array)
    }

    private static func decoded(_ payload: [UInt8], _ limits: EncodingLimits) -> SortedSetValue? {
        guard let value = try? ValuePayload.decode(payload.raw, limits: limits) else { return nil }
        if value.type == .sortedSet { return SortedSetValue(value) }
        value.free()
        return nil
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.utf8.map { $0 <= 57 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
