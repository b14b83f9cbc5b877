import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct SortedSetValueTests {
    /// Limits for the compact form only, for the tree only, and for a change in between.
    static let allLimits = [
        EncodingLimits(entries: 1000), EncodingLimits(entries: 0), EncodingLimits(entries: 12, value: 5),
    ]

    static let scores: [Double] = [
        -.infinity, -1e300, -4_503_599_627_370_496, -17, -0.5, -0.0, 0, 0.1, 1, 12, 13, 255, 70_000, 1e17, 1e300,
        .infinity,
    ]

    @Test func formsAtTheLimits() {
        let limits = EncodingLimits(entries: 3, value: 4)
        var set = SortedSetValue.make([("a", 1), ("b", 2), ("1234", 3)], limits)
        #expect(set.encoding == .compactList && set.encoding.name.description == "ziplist")
        set.update([UInt8]("a").raw, limits) { _ in 9 }
        #expect(set.encoding == .compactList)
        set.update([UInt8]("c").raw, limits) { _ in 4 }
        #expect(set.encoding == .tree && set.encoding.name.description == "skiplist")
        set.remove(0..<3)
        #expect(set.encoding == .tree && set.count == 1)
        set.free()

        let long = SortedSetValue.make([("12345", 1)], limits)
        #expect(long.encoding == .tree)
        long.free()
        let none = SortedSetValue.make([("a", 1)], EncodingLimits(entries: 0))
        #expect(none.encoding == .tree)
        none.free()
    }

    @Test(arguments: [0, 1000])
    func updates(_ entries: Int) {
        let limits = EncodingLimits(entries: entries)
        var set = SortedSetValue.empty()
        let member = [UInt8]("m")
        check(set.update(member.raw, limits) { $0 == nil ? 1.5 : nil } == .added)
        check(set.update(member.raw, limits) { old in old.map { $0 + 1 } } == .updated)
        check(set.score(of: member.raw) == 2.5)
        check(set.update(member.raw, limits) { _ in 2.5 } == .none)
        check(set.update(member.raw, limits) { _ in nil } == .none)
        check(set.update([UInt8]("n").raw, limits) { _ in nil } == .none)
        check(set.count == 1 && set.score(of: [UInt8]("n").raw) == nil && set.rank(of: [UInt8]("n").raw) == nil)
        check(set.update(member.raw, limits) { _ in -0.0 } == .updated)
        check(set.update(member.raw, limits) { _ in 0 } == .none)
        check(set.score(of: member.raw)?.sign == .minus)
        check(!set.remove([UInt8]("n").raw) && set.remove(member.raw) && set.count == 0)
        set.free()
    }

    /// Every range of scores with both kinds of ends over every set of a small world.
    @Test(arguments: [0, 1000])
    func scoreRanges(_ entries: Int) {
        let limits = EncodingLimits(entries: entries)
        var model = ModelSortedSet()
        var set = SortedSetValue.empty()
        for (number, score) in (Self.scores + Self.scores).enumerated() {
            set.update(TestMembers.text(number).raw, limits) { _ in score }
            model.set(TestMembers.text(number), score, limits)
        }
        let items = model.items
        let bounds = Self.scores + Self.scores.flatMap { [$0.nextUp, $0.nextDown] }
        for low in bounds {
            for high in bounds {
                for form in 0..<4 {
                    let range = ScoreRange(
                        minimum: low, maximum: high, excludesMinimum: form & 1 != 0, excludesMaximum: form & 2 != 0)
                    let expected = items.filter {
                        (form & 1 != 0 ? $0.score > low : $0.score >= low)
                            && (form & 2 != 0 ? $0.score < high : $0.score <= high)
                    }
                    if set.items(in: set.ranks(in: range)) != expected {
                        return fail("\(low) to \(high), form \(form)")
                    }
                }
            }
        }
        set.free()
    }

    @Test(arguments: [0, 1000])
    func lexRanges(_ entries: Int) {
        let limits = EncodingLimits(entries: entries)
        let texts =
            ["", "\0", "0", "10", "2", "a", "aa", "ab", "b", "\u{7f}"].map { [UInt8]($0) } + [[255], [255, 0]]
        var set = SortedSetValue.empty()
        for text in texts { set.update(text.raw, limits) { _ in 7 } }
        let members = texts.sorted { $0.lexicographicallyPrecedes($1) }
        let bounds =
            ["-", "+", "(", "["].map { [UInt8]($0) } + texts.flatMap { [[40] + $0, [91] + $0] } + [[91, 97, 98, 99]]
        for low in bounds {
            for high in bounds {
                guard let range = LexRange(minimum: low.raw, maximum: high.raw) else { return fail("\(low) \(high)") }
                let expected = members.filter { Self.isBehind($0, low) && Self.isBefore($0, high) }
                for fromEnd in [false, true] {
                    if set.items(in: set.ranks(in: range, fromEnd: fromEnd)).map(\.member) != expected {
                        return fail("\(low) to \(high)")
                    }
                }
            }
        }
        set.free()
    }

    private static func isBehind(_ member: [UInt8], _ bound: [UInt8]) -> Bool {
        let text = Array(bound.dropFirst())
        return switch bound[0] {
        case UInt8(ascii: "-"): true
        case UInt8(ascii: "+"): false
        case UInt8(ascii: "["): !member.lexicographicallyPrecedes(text)
        default: text.lexicographicallyPrecedes(member)
        }
    }

    private static func isBefore(_ member: [UInt8], _ bound: [UInt8]) -> Bool {
        let text = Array(bound.dropFirst())
        return switch bound[0] {
        case UInt8(ascii: "-"): false
        case UInt8(ascii: "+"): true
        case UInt8(ascii: "["): !text.lexicographicallyPrecedes(member)
        default: member.lexicographicallyPrecedes(text)
        }
    }

    @Test func randomOperations() {
        var random = SeededGenerator(for: "SortedSetValueTests.randomOperations")
        for limits in Self.allLimits {
            var set = SortedSetValue.empty()
            var model = ModelSortedSet()
            for round in 0..<8000 {
                let member = TestMembers.text(Int.random(in: 0..<40, using: &random)).suffix(round % 100 == 99 ? 6 : 3)
                let text = Array(member)
                switch Int.random(in: 0..<10, using: &random) {
                case 0...5:
                    let score = Self.scores.randomElement(using: &random) ?? 0
                    let change = set.update(text.raw, limits) { _ in score }
                    let old = model.scores[text]
                    if change != (old == nil ? .added : old == score ? .none : .updated) { return fail("\(change)") }
                    model.set(text, score, limits)
                case 6...7:
                    if set.remove(text.raw) != (model.scores.removeValue(forKey: text) != nil) {
                        return fail("removed")
                    }
                case 8 where round % 7 == 0:
                    let ends = [0, 1].map { _ in Int.random(in: 0...set.count, using: &random) }.sorted()
                    set.remove(ends[0]..<ends[1])
                    model.remove(ends[0]..<ends[1])
                default: break
                }
                if set.count == 0 {
                    set.free()
                    set = .empty()
                    model = ModelSortedSet()
                }
                if let complaint = set.complaint(expecting: model) {
                    return fail("seed \(random.seed), round \(round): \(complaint)")
                }
            }
            set.free()
        }
    }

    @Test func builder() {
        for limits in Self.allLimits {
            for size in [1, 11, 12, 13, 400] {
                var builder = SortedSetBuilder()
                var model = ModelSortedSet()
                for number in 0..<size {
                    let text = Array(TestMembers.text(number * 7 % size).suffix(3))
                    check(builder.insert(text.raw, score: Double(number % 10)))
                    check(!builder.insert(text.raw, score: 99), "twice")
                    model.set(text, Double(number % 10), limits)
                }
                builder.update([UInt8]("000").raw) { old in (old ?? 0) - 3 }
                model.set([UInt8]("000"), (model.scores[[UInt8]("000")] ?? 0) - 3, limits)
                let set = builder.finish(limits)
                if let complaint = set.complaint(expecting: model) { return fail("\(size) members: \(complaint)") }
                set.free()
            }
        }
    }

    @Test func memoryIsGivenBack() {
        #expect(
            bytesLeft {
                for limits in Self.allLimits {
                    var set = SortedSetValue.empty()
                    for number in 0..<500 {
                        set.update(TestMembers.text(number).raw, limits) { _ in Double(number % 7) }
                    }
                    set.remove(100..<450)
                    check(set.remove(TestMembers.text(0).raw))
                    let copy = SortedSetValue(set.value)
                    check(copy.count == 149)
                    copy.value.free()
                }
                var unfinished = SortedSetBuilder()
                for number in 0..<100 { unfinished.insert(TestMembers.text(number).raw, score: 1) }
            } == 0)
    }

    /// A million members of 16 bytes with random scores: 142 bytes each in Redis 2.8.
    @Test func memoryOfAMember() {
        let count = 1_000_000
        let counter = MemoryCounter()
        var set = SortedSetValue.empty()
        let limits = EncodingLimits()
        let before = counter.balance
        var state: UInt64 = 1
        for number in 0..<count {
            var member = [UInt8](repeating: 48, count: 10) + TestMembers.text(number)
            if member.count != 16 { member = Array(member.suffix(16)) }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let score = Double(state >> 40)
            set.update(member.raw, limits) { _ in score }
        }
        let bytes = counter.balance - before
        print("a member of 16 bytes costs \(Double(bytes) / Double(count)) bytes")
        #expect(set.count == count && bytes <= 70 * count)
        set.free()
    }
}
