import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct TagIndexTests {
    private func entry(_ number: Int, tag: String = "t") -> Entry { Entry.make([UInt8]("{\(tag)}\(number)")) }

    private func crc(_ tag: String = "t") -> UInt32 { SlotTag(of: [UInt8]("{\(tag)}").raw).crc }

    private func keys(_ entries: [Entry]) -> Set<[UInt8]> { Set(entries.map(\.keyCopy)) }

    private func isExactly(_ index: borrowing TagIndex, _ crc: UInt32, _ expected: some Collection<Entry>) -> Bool {
        let members = index.members(of: crc)
        return members.count == expected.count && addresses(members) == addresses(expected)
    }

    private func addresses(_ entries: some Sequence<Entry>) -> Set<UInt> {
        Set(entries.map { unsafe UInt(bitPattern: $0.base) })
    }

    /// Lists up to 64, tables above: every size is filled, replaced in and emptied, and nothing leaks.
    @Test func groupsOfEverySize() {
        var random = SeededGenerator(for: "TagIndexTests.groups")
        let seed = random.next()
        for size in 1...200 {
            let left = bytesLeft {
                var random = SeededGenerator(seed: seed)
                var index = TagIndex()
                let crc = self.crc()
                var entries = (0..<size).map { entry($0) }
                for entry in entries { index.insert(entry, crc: crc) }
                if !isExactly(index, crc, entries) { return fail("group of \(size) after insertion") }
                for number in 0..<size where number % 3 == 0 {
                    let new = entry(number)
                    index.replace(entries[number], with: new, crc: crc)
                    entries[number].free()
                    entries[number] = new
                }
                if !isExactly(index, crc, entries) { return fail("group of \(size) after replacement") }
                var rest = Set(0..<size)
                for number in (0..<size).shuffled(using: &random) {
                    index.remove(entries[number], crc: crc)
                    entries[number].free()
                    rest.remove(number)
                    if rest.count % 16 == 0, !isExactly(index, crc, rest.map { entries[$0] }) {
                        return fail("seed \(seed): group of \(size) shrunk to \(rest.count)")
                    }
                }
                if !index.isEmpty || !index.members(of: crc).isEmpty { fail("not empty") }
            }
            if left != 0 { return fail("a group of \(size) leaves \(left) bytes") }
        }
    }

    @Test func aGroupOfAHundredThousand() {
        let size = 100_000
        let crc = self.crc()
        let left = bytesLeft {
            let entries = (0..<size).map { entry($0) }
            var index = TagIndex()
            for entry in entries { index.insert(entry, crc: crc) }
            if !isExactly(index, crc, entries) { fail("members are missing") }
            // An odd stride visits every number once.
            for number in 0..<size { index.remove(entries[number &* 77_773 % size], crc: crc) }
            if !index.isEmpty { fail("not empty") }
            for entry in entries { entry.free() }
        }
        #expect(left == 0)
    }

    /// Groups that end with their index, lists and tables, take nothing along but themselves.
    @Test(arguments: [1, 2, 10, 64, 65, 300])
    func anIndexThatEndsFreesItsGroups(_ size: Int) {
        let entries = (0..<size).map { entry($0) }
        let left = bytesLeft {
            var index = TagIndex()
            for entry in entries { index.insert(entry, crc: 7) }
            for entry in entries { index.insert(entry, crc: 8) }
        }
        #expect(left == 0)
        #expect(keys(entries).count == size)
        for entry in entries { entry.free() }
    }

    @Test func manyGroupsAgainstADictionary() {
        var random = SeededGenerator(for: "TagIndexTests.manyGroups")
        var index = TagIndex()
        var model: [UInt32: [Int: Entry]] = [:]
        let tags = (0..<40).map { "tag\($0)" }
        for step in 0..<30_000 {
            let tag = tags[min(.random(in: 0..<40, using: &random), .random(in: 0..<40, using: &random))]
            let (crc, number) = (crc(tag), Int.random(in: 0..<100, using: &random))
            if let present = model[crc]?[number] {
                if Bool.random(using: &random) {
                    index.remove(present, crc: crc)
                    model[crc]?[number] = nil
                } else {
                    let new = entry(number, tag: tag)
                    index.replace(present, with: new, crc: crc)
                    model[crc]?[number] = new
                }
                present.free()
            } else {
                let new = entry(number, tag: tag)
                index.insert(new, crc: crc)
                model[crc, default: [:]][number] = new
            }
            let expected = (model[crc] ?? [:]).values
            guard step % 10 != 0 || isExactly(index, crc, Array(expected)) else {
                return fail("seed \(random.seed), step \(step)")
            }
        }
        var all: [Entry] = []
        index.forEach { all.append($0) }
        let expected = model.values.flatMap(\.values)
        #expect(keys(all) == keys(expected) && all.count == expected.count)
        let none = index.members(of: crc("a tag that nobody has"))
        #expect(none.isEmpty)
        for entry in expected { entry.free() }
    }

    /// 12 bytes a key, as the index says of itself.
    @Test func whatGroupsOfTenCost() {
        let entries = (0..<20_000).map { entry($0) }
        let counter = MemoryCounter()
        let before = counter.balance
        var index = TagIndex()
        for (number, entry) in entries.enumerated() { index.insert(entry, crc: UInt32(number / 10) &* 2_654_435_761) }
        let taken = Double(counter.balance - before) / Double(entries.count)
        #expect(taken < 12.5)
        let isEmpty = index.isEmpty
        #expect(!isEmpty)
        for entry in entries { entry.free() }
    }
}
