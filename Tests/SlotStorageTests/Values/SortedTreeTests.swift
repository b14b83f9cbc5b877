import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct SortedTreeTests {
    enum Order: CaseIterable {
        case ascending, descending, shuffled, outwards

        func arranged(_ members: [ScoredMember], _ random: inout SeededGenerator) -> [ScoredMember] {
            switch self {
            case .ascending: members
            case .descending: members.reversed()
            case .shuffled: members.shuffled(using: &random)
            case .outwards: (0..<members.count).map { members[(members.count + ($0 % 2 == 0 ? $0 : -$0 - 1)) / 2] }
            }
        }
    }

    /// Grows a tree member by member and shrinks it again, in every order, with a look at all of it at each step.
    @Test(arguments: Order.allCases, Order.allCases)
    func growAndShrink(_ growth: Order, _ shrinkage: Order) {
        var random = SeededGenerator(for: "SortedTreeTests.growAndShrink(\(growth), \(shrinkage))")
        let members = TestMembers.ascending(700)
        var tree = SortedTree()
        var isIn = [Bool](repeating: false, count: members.all.count)
        for (step, member) in growth.arranged(members.all, &random).enumerated() {
            tree.insert(member)
            isIn[Self.number(of: member)] = true
            guard step < 200 || step % 23 == 0 else { continue }
            let expected = members.all.indices.filter { isIn[$0] }.map { members.all[$0] }
            if let complaint = tree.complaint(expecting: expected) { return fail("\(step) inserted: \(complaint)") }
        }
        for (step, member) in shrinkage.arranged(members.all, &random).enumerated() {
            tree.remove(member)
            isIn[Self.number(of: member)] = false
            guard step > 500 || step % 23 == 0 else { continue }
            let expected = members.all.indices.filter { isIn[$0] }.map { members.all[$0] }
            if let complaint = tree.complaint(expecting: expected) { return fail("\(step) removed: \(complaint)") }
        }
        check(tree.root == nil && tree.count == 0)
    }

    /// The number that a member of ``TestMembers/ascending(_:sameScore:)`` spells.
    private static func number(of member: ScoredMember) -> Int {
        member.bytes.array.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    @Test func everyRankOfEverySize() {
        let members = TestMembers.ascending(150)
        for size in 0...150 {
            let expected = Array(members.all[..<size])
            let tree = SortedTree(sorted: expected)
            if let complaint = tree.complaint(expecting: expected) { return fail("built of \(size): \(complaint)") }
            for (rank, member) in expected.enumerated() {
                if tree[rank] != member { return fail("rank \(rank) of \(size)") }
                if tree.rank(of: member) != rank { return fail("the rank of \(rank) of \(size)") }
            }
        }
    }

    @Test func largeTreesAreBuiltRight() {
        for size in [27, 28, 29, 57, 783, 784, 785, 1700, 21951, 21952, 21953, 30000] {
            let members = TestMembers.ascending(size, sameScore: size)
            if let complaint = SortedTree(sorted: members.all).complaint(expecting: members.all) {
                return fail("\(size): \(complaint)")
            }
        }
    }

    /// Every cut of trees of many sizes; the parts are right and put together again.
    @Test func cutEverywhere() {
        var random = SeededGenerator(for: "SortedTreeTests.cutEverywhere")
        for size in [0, 1, 2, 9, 10, 28, 30, 31, 60, 61, 100, 290, 850, 1000, 2000] {
            let members = TestMembers.ascending(size)
            var tree = SortedTree()
            for member in members.all.shuffled(using: &random) { tree.insert(member) }
            for rank in 0...size {
                let back = tree.cut(at: rank)
                if let complaint = tree.complaint(expecting: Array(members.all[..<rank])) {
                    return fail("\(size) cut at \(rank), front: \(complaint)")
                }
                if let complaint = back.complaint(expecting: Array(members.all[rank...])) {
                    return fail("\(size) cut at \(rank), back: \(complaint)")
                }
                tree.append(back)
                if let complaint = tree.complaint(expecting: members.all) {
                    return fail("\(size) put together at \(rank): \(complaint)")
                }
            }
        }
    }

    /// Trees of very different sizes, one behind the other.
    @Test func joinAnySizes() {
        let sizes = [0, 1, 5, 9, 10, 11, 29, 30, 31, 59, 60, 61, 300, 840, 841, 900, 5000]
        for left in sizes {
            for right in sizes {
                let members = TestMembers.ascending(left + right)
                var tree = SortedTree(sorted: Array(members.all[..<left]))
                tree.append(SortedTree(sorted: Array(members.all[left...])))
                if let complaint = tree.complaint(expecting: members.all) {
                    return fail("\(left) and \(right): \(complaint)")
                }
            }
        }
    }

    @Test func removeEveryRange() {
        for size in [1, 30, 31, 61, 75] {
            let members = TestMembers.ascending(size)
            for lower in 0...size {
                for upper in lower...size {
                    var tree = SortedTree(sorted: members.all)
                    var taken: [ScoredMember] = []
                    tree.remove(lower..<upper) { taken.append($0) }
                    let left = Array(members.all[..<lower] + members.all[upper...])
                    if let complaint = tree.complaint(expecting: left) {
                        return fail("\(lower)..<\(upper) of \(size): \(complaint)")
                    }
                    if taken != Array(members.all[lower..<upper]) {
                        return fail("\(lower)..<\(upper) of \(size): others were taken")
                    }
                }
            }
        }
    }

    @Test func everyRangeBothWays() {
        let members = TestMembers.ascending(95)
        let tree = SortedTree(sorted: members.all)
        for lower in 0...95 {
            for upper in lower...95 {
                let expected = Array(members.all[lower..<upper])
                if tree.members(in: lower..<upper) != expected { return fail("\(lower)..<\(upper)") }
                if tree.members(in: lower..<upper, reversed: true) != expected.reversed() {
                    return fail("\(upper) to \(lower)")
                }
            }
        }
    }

    @Test func changingScores() {
        var random = SeededGenerator(for: "SortedTreeTests.changingScores")
        let members = TestMembers.ascending(400)
        var tree = SortedTree(sorted: members.all)
        for round in 0..<20_000 {
            guard let member = members.all.randomElement(using: &random) else { return fail("no members") }
            let step =
                round % 3 == 0
                ? Double.random(in: -200...200, using: &random) : Double.random(in: -1...1, using: &random)
            tree.move(member, to: (member.score + step).rounded(round % 2 == 0 ? .down : .up))
            guard round % 50 == 0 else { continue }
            if let complaint = tree.complaint(expecting: members.all.sorted { $0.precedes($1) }) {
                return fail("seed \(random.seed), round \(round): \(complaint)")
            }
        }
    }

    /// Infinities, both zeros, neighbours among doubles, and texts of which one begins the other.
    @Test func orderOfSpecialScores() {
        let members = TestMembers()
        let scores: [Double] = [
            -.infinity, -.greatestFiniteMagnitude, -1.5, -.leastNonzeroMagnitude, -0.0, 0, .leastNonzeroMagnitude,
            1, 1.0.nextUp, .greatestFiniteMagnitude, .infinity,
        ]
        let texts: [[UInt8]] = [[], [0], [0, 0], [1], [65], [65, 0], [65, 66], [127], [128], [255]]
        for score in scores {
            for text in texts { _ = members.make(text, score) }
        }
        // Zeros are equal, so their texts are mixed.
        let expected = members.all.sorted {
            $0.score != $1.score
                ? $0.score < $1.score : $0.bytes.array.lexicographicallyPrecedes($1.bytes.array)
        }
        var tree = SortedTree()
        for member in members.all.reversed() where !(member.score == 0 && member.score.sign == .plus) {
            tree.insert(member)
        }
        let distinct = expected.filter { !($0.score == 0 && $0.score.sign == .plus) }
        check(tree.complaint(expecting: distinct) == nil)
    }

    @Test func memoryIsGivenBack() {
        #expect(
            bytesLeft {
                let members = TestMembers.ascending(3000)
                var tree = SortedTree()
                for member in members.all { tree.insert(member) }
                tree.remove(100..<2500) { _ in }
                for rank in 0..<50 { tree.remove(tree[rank * 2]) }
                let back = tree.cut(at: 300)
                tree = SortedTree()
                check(back.count == 250)
            } == 0)
    }
}
