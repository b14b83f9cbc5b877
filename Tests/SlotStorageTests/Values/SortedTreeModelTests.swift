import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct SortedTreeModelTests {
    /// Everything a tree does, at random, against a sorted array.
    @Test(arguments: [1, 40, 900])
    func randomOperations(_ usualSize: Int) {
        var random = SeededGenerator(for: "SortedTreeModelTests.randomOperations(\(usualSize))")
        let members = TestMembers()
        var tree = SortedTree()
        var model: [ScoredMember] = []
        var made = 0
        for round in 0..<6000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...(model.count < usualSize ? 6 : 1):
                let member = members.make(TestMembers.text(made), Double(Int.random(in: 0..<50, using: &random)))
                made += 1
                tree.insert(member)
                model.insert(member, at: model.firstIndex { member.precedes($0) } ?? model.count)
            case 7 where model.count > 1:
                let ends = [0, 1].map { _ in Int.random(in: 0...model.count, using: &random) }.sorted()
                var taken: [ScoredMember] = []
                // Seldom much, so that the tree can grow.
                let range = ends[0]..<min(ends[1], ends[0] + (round % 10 == 0 ? ends[1] : 3))
                tree.remove(range) { taken.append($0) }
                if taken != Array(model[range]) {
                    return fail("seed \(random.seed), round \(round): others were taken")
                }
                model.removeSubrange(range)
            case 8 where !model.isEmpty:
                let rank = Int.random(in: model.indices, using: &random)
                let member = model.remove(at: rank)
                if tree.rank(of: member) != rank { return fail("seed \(random.seed), round \(round): the rank") }
                tree.move(member, to: Double(Int.random(in: 0..<50, using: &random)))
                model.insert(member, at: model.firstIndex { member.precedes($0) } ?? model.count)
            default:
                if model.isEmpty { continue }
                tree.remove(model.remove(at: Int.random(in: model.indices, using: &random)))
            }
            if let complaint = tree.complaint(expecting: model) {
                return fail("seed \(random.seed), round \(round): \(complaint)")
            }
            if let complaint = wrongBound(tree, model, &random) {
                return fail("seed \(random.seed), round \(round): \(complaint)")
            }
        }
    }

    /// Looks for places by score and by bytes.
    private func wrongBound(
        _ tree: borrowing SortedTree, _ model: [ScoredMember], _ random: inout SeededGenerator
    ) -> String? {
        let bound = Double(Int.random(in: -1...51, using: &random))
        if tree.rank(where: { score, _ in score < bound }) != model.count(where: { $0.score < bound }) {
            return "members below \(bound)"
        }
        if tree.rank(where: { score, _ in score <= bound }) != model.count(where: { $0.score <= bound }) {
            return "members up to \(bound)"
        }
        return nil
    }
}
