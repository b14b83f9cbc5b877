import Memory

@testable import SlotStorage
import TestSupport

/// Scored members that tests put into trees and that are freed with this.
final class TestMembers {
    private(set) var all: [ScoredMember] = []

    /// A member with a score. The text need not be told apart from others by anything but itself.
    func make(_ text: [UInt8], _ score: Double) -> ScoredMember {
        let member = ScoredMember.make(text.raw, score: score)
        all.append(member)
        return member
    }

    /// Members `0..<count` in order, each score given to `sameScore` of them.
    static func ascending(_ count: Int, sameScore: Int = 3) -> TestMembers {
        let members = TestMembers()
        for number in 0..<count { _ = members.make(text(number), Double(number / sameScore)) }
        return members
    }

    /// Six digits.
    static func text(_ number: Int) -> [UInt8] {
        let digits = [UInt8](String(number))
        return [UInt8](repeating: 48, count: max(0, 6 - digits.count)) + digits
    }

    deinit { for member in all { member.free() } }
}

extension SortedTree {
    /// What is wrong with the tree, which should hold these members in this order, if anything is.
    func complaint(expecting members: [ScoredMember]) -> String? {
        if count != members.count { return "\(count) members, not \(members.count)" }
        guard let root else { return members.isEmpty ? nil : "no root" }
        if root.count == 0 || (!root.isLeaf && root.count == 1) { return "a root with \(root.count) entries" }
        var leaves: [TreeNode] = []
        var found: [ScoredMember] = []
        if let complaint = Self.complaint(about: root, isRoot: true, &leaves, &found) { return complaint }
        if found != members { return "other members, or another order" }
        for (index, leaf) in leaves.enumerated() {
            if leaf.previous != (index > 0 ? leaves[index - 1] : nil) { return "the leaf before leaf \(index)" }
            if leaf.next != (index + 1 < leaves.count ? leaves[index + 1] : nil) {
                return "the leaf behind leaf \(index)"
            }
        }
        return nil
    }

    private static func complaint(
        about node: TreeNode, isRoot: Bool, _ leaves: inout [TreeNode], _ found: inout [ScoredMember]
    ) -> String? {
        if !isRoot, node.count < TreeNode.minimum { return "\(node.count) entries at level \(node.level)" }
        if node.count > TreeNode.capacity { return "too many entries" }
        if node.isLeaf {
            leaves.append(node)
            for index in 0..<node.count {
                if node.score(index) != node.member(index).score { return "another score in the leaf" }
                found.append(node.member(index))
            }
            return nil
        }
        for index in 0..<node.count {
            let before = found.count
            if node.child(index).level != node.level - 1 { return "a child of another level" }
            if let complaint = complaint(about: node.child(index), isRoot: false, &leaves, &found) { return complaint }
            if found.count - before != node.size(index) { return "size \(node.size(index)) at level \(node.level)" }
            guard index > 0 else { continue }
            if node.member(index) != found[before] { return "another first member at level \(node.level)" }
            if node.score(index) != found[before].score { return "another first score at level \(node.level)" }
        }
        return nil
    }

    /// The members as the tree tells them.
    func members(in ranks: Range<Int>, reversed: Bool = false) -> [ScoredMember] {
        var members: [ScoredMember] = []
        forEach(in: ranks, reversed: reversed) { members.append($0) }
        return members
    }
}
