internal import Memory

extension SortedTree {
    /// Visits the members in a range of ranks, from its start to its end or, if `reversed`, from its end to its start.
    /// The tree must not change meanwhile. O(log n + members visited).
    @inline(__always)
    func forEach(in ranks: Range<Int>, reversed: Bool = false, _ visit: (ScoredMember) -> Void) {
        guard !ranks.isEmpty else { return }
        var (leaf, index) = place(of: reversed ? ranks.upperBound - 1 : ranks.lowerBound)
        var left = ranks.count
        while true {
            visit(leaf.member(index))
            left -= 1
            if left == 0 { return }
            if reversed {
                if index == 0 {
                    guard let previous = leaf.previous else { preconditionFailure("ranks before the first member") }
                    leaf = previous
                    index = leaf.count
                }
                index -= 1
            } else {
                index += 1
                if index == leaf.count {
                    guard let next = leaf.next else { preconditionFailure("ranks behind the last member") }
                    leaf = next
                    index = 0
                }
            }
        }
    }

    /// Visits every member in order. The tree must not change meanwhile. O(n).
    @inline(__always)
    func forEach(_ visit: (ScoredMember) -> Void) { forEach(in: 0..<count, visit) }

    var firstLeaf: TreeNode? { root.map { Self.firstLeaf(of: $0) } }

    static func firstLeaf(of root: TreeNode) -> TreeNode {
        var node = root
        while !node.isLeaf { node = node.child(0) }
        return node
    }

    static func lastLeaf(of root: TreeNode) -> TreeNode {
        var node = root
        while !node.isLeaf { node = node.child(node.count - 1) }
        return node
    }
}
