import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct SetValueTests {
    static func limits(_ entries: Int = 512) -> EncodingLimits {
        var limits = EncodingLimits()
        limits.setMaxIntsetEntries = entries
        return limits
    }

    /// Members that are near each other in every sense: numbers, what looks like them, and lengths of jemalloc's
    /// classes.
    private static let members: [[UInt8]] = {
        let limit = Int64(1) << 44
        let numbers: [Int64] = [0, 1, -1, 32_767, 32_768, limit - 1, limit, -limit, -limit - 1, .max, .min]
        let texts = ["", "00", "+1", "-0", " 1", "1 ", "01", "9223372036854775808", "a", "one"]
        let lengths = [15, 16, 17, 31, 32, 33, 48, 64, 80, 96, 97, 112, 127, 128, 300]
        return numbers.map { [UInt8](String($0)) } + texts.map { [UInt8]($0) }
            + lengths.flatMap { length in (0..<3).map { [UInt8](repeating: 0x41 + $0, count: length) } }
    }()

    @Test func everySizeAndLimit() {
        for entries in 0...30 {
            var set = SetValue.empty()
            var model = Set<[UInt8]>()
            for number in 0..<80 {
                let member = [UInt8]("\(number * 77 - 800)")
                if !set.insert(member.raw, Self.limits(entries)) { return fail("\(number) is not new") }
                if set.insert(member.raw, Self.limits(entries)) { return fail("\(number) is new") }
                model.insert(member)
                let expected: ValueEncoding = number + 1 > entries ? .table : .integerSet
                if set.encoding != expected { return fail("\(number + 1) members: \(set.encoding)") }
                if let complaint = set.complaint(expecting: model) { return fail("\(number): \(complaint)") }
            }
            for number in 0..<80 {
                let member = [UInt8]("\(number * 77 - 800)")
                if !set.remove(member.raw) || set.remove(member.raw) { return fail("removing \(number)") }
                model.remove(member)
                if let complaint = set.complaint(expecting: model) { return fail("without \(number): \(complaint)") }
            }
            set.free()
        }
    }

    @Test func textMakesATable() {
        for text in ["a", "", "01", "+1", "1.0", "9223372036854775808", "-0"] {
            var set = SetValue.empty()
            set.insert([UInt8]("5").raw, Self.limits())
            #expect(set.encoding == .integerSet)
            set.insert([UInt8](text).raw, Self.limits())
            #expect(set.encoding == .table)
            #expect(set.count == 2)
            set.free()
        }
    }

    @Test(arguments: [0, 8, 512])
    func randomChanges(_ entries: Int) {
        var random = SeededGenerator(for: "SetValueTests.random(\(entries))")
        for _ in 0..<20 {
            var model = Set<[UInt8]>()
            var set = SetValue.empty()
            let pool = random.next() % 2 == 0 ? Self.members : (0..<700).map { [UInt8]("\($0 * 1_000_000_007)") }
            for round in 0..<1500 {
                let member = pool[Int.random(in: 0..<pool.count, using: &random)]
                let inserts = Int.random(in: 0..<10, using: &random) < 6
                let isDone = inserts ? set.insert(member.raw, Self.limits(entries)) : set.remove(member.raw)
                if isDone != (inserts ? model.insert(member).inserted : model.remove(member) != nil) {
                    return fail("seed \(random.seed), round \(round): \(member)")
                }
                if round % 50 == 0, let complaint = set.complaint(expecting: model) {
                    return fail("seed \(random.seed), round \(round): \(complaint)")
                }
            }
            set.free()
        }
    }

    /// Members of one set are found, copied and removed in another, whatever either of them is kept as.
    @Test func membersOfOtherSets() {
        let numbers = Self.members.filter { Int64(canonical: $0.raw) != nil }
        for (leftLimit, rightLimit) in [(0, 0), (0, 512), (512, 0), (512, 512)] {
            let left = SetValue.make(numbers, Self.limits(leftLimit))
            let right = SetValue.make(numbers, Self.limits(rightLimit))
            var copy = SetValue.empty()
            var rest = SetValue.make(numbers, Self.limits(rightLimit))
            left.forEach { member in
                if !right.contains(member) { fail("\(member.text) is not found") }
                if !copy.insert(member, Self.limits(rightLimit)) { fail("\(member.text) is not new") }
                if copy.insert(member, Self.limits(rightLimit)) { fail("\(member.text) is new") }
                if !rest.remove(member) || rest.remove(member) { fail("removing \(member.text)") }
            }
            #expect(copy.complaint(expecting: Set(numbers)) == nil)
            #expect(rest.count == 0)
            for set in [left, right, rest, copy] { set.free() }
        }
    }

    @Test func randomMembersAreAllReached() {
        var seeds = SeededGenerator(for: "SetValueTests.randomMember")
        var random = SplitMix(seed: seeds.next())
        for entries in [0, 512] {
            let members = (0..<40).map { [UInt8]("\($0)") }
            let set = SetValue.make(members, Self.limits(entries))
            var drawn: [[UInt8]: Int] = [:]
            for _ in 0..<20_000 { drawn[set.randomMember(&random).array, default: 0] += 1 }
            #expect(drawn.count == 40)
            #expect(drawn.values.allSatisfy { $0 > 100 }, "500 are expected")
            set.free()
        }
    }

    @Test func scanningWhileItChanges() {
        var random = SeededGenerator(for: "SetValueTests.scan")
        for round in 0..<40 {
            let stable = (0..<Int.random(in: 1...700, using: &random)).map { [UInt8]("\($0)") }
            var set = SetValue.make(stable, Self.limits(0))
            var seen = Set<[UInt8]>()
            var cursor: UInt64 = 0
            repeat {
                cursor = set.scan(cursor) { seen.insert($0.array) }
                for _ in 0..<Int.random(in: 0...30, using: &random) {
                    let volatile = [UInt8]("v\(Int.random(in: 0..<3000, using: &random))")
                    if random.next() % 2 == 0 {
                        set.insert(volatile.raw, Self.limits())
                    } else {
                        set.remove(volatile.raw)
                    }
                }
            } while cursor != 0
            if !seen.isSuperset(of: stable) { return fail("seed \(random.seed), round \(round)") }
            set.free()
        }
    }

    @Test func everyByteComesBack() {
        let left = bytesLeft {
            for entries in [0, 5, 512] {
                var set = SetValue.make(Self.members, Self.limits(entries))
                for number in 0..<1000 { set.insert([UInt8]("\(number)").raw, Self.limits(entries)) }
                for number in 0..<500 { set.remove([UInt8]("\(number)").raw) }
                for member in Self.members.prefix(20) { set.remove(member.raw) }
                set.free()
                SetValue.empty().free()
            }
        }
        #expect(left == 0)
    }
}

extension SetValue {
    static func make(_ members: some Sequence<[UInt8]>, _ limits: EncodingLimits) -> SetValue {
        var set = SetValue.empty()
        for member in members { set.insert(member.raw, limits) }
        return set
    }

    /// What is wrong with the set, if anything is.
    func complaint(expecting model: Set<[UInt8]>) -> String? {
        if count != model.count { return "\(count) members, not \(model.count)" }
        for member in model where !contains(member.raw) { return "\(member) is missing" }
        for text in ["no such member", "123456789012345678", "7x"] where contains([UInt8](text).raw) { return text }
        var visited: [[UInt8]] = []
        forEach { visited.append($0.array) }
        if visited.count != model.count || Set(visited) != model { return "forEach visits others" }
        if members.map({ $0.array }) != visited { return "members are others" }
        if Set(members).count != model.count { return "views are equal" }
        visited = []
        var cursor: UInt64 = 0
        repeat { cursor = scan(cursor) { visited.append($0.array) } } while cursor != 0
        return visited.count == model.count && Set(visited) == model ? nil : "the scan visits others"
    }
}
