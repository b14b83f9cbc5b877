internal import Memory

extension SortedTree {
    /// A tree of members that are in order already. O(n), and the leaves are nearly full.
    init(sorted members: [ScoredMember]) {
        guard !members.isEmpty else { return }
        var nodes = Self.leaves(of: members)
        var firsts = nodes.map { $0.member(0) }
        while nodes.count > 1 { (nodes, firsts) = Self.parents(of: nodes, firsts) }
        root = nodes[0]
        count = members.count
    }

    /// Room for this many more entries stays in each node, for what is inserted later.
    private static var entriesANode: Int { TreeNode.capacity - 2 }

    private static func leaves(of members: [ScoredMember]) -> [TreeNode] {
        var leaves: [TreeNode] = []
        forEachShare(of: members.count) { share in
            let leaf = TreeNode.make(level: 0)
            for index in share { leaf.insert(members[index], at: leaf.count) }
            if let last = leaves.last { leaf.link(behind: last) }
            leaves.append(leaf)
        }
        return leaves
    }

    /// The level above `nodes`, whose first members are `firsts`.
    private static func parents(of nodes: [TreeNode], _ firsts: [ScoredMember]) -> ([TreeNode], [ScoredMember]) {
        var parents: [TreeNode] = []
        var parentFirsts: [ScoredMember] = []
        forEachShare(of: nodes.count) { share in
            let parent = TreeNode.make(level: nodes[0].level + 1)
            for index in share {
                parent.insert(nodes[index], size: nodes[index].totalSize, first: firsts[index], at: parent.count)
            }
            parents.append(parent)
            parentFirsts.append(firsts[share.lowerBound])
        }
        return (parents, parentFirsts)
    }

    /// The ranges of entries that nodes of the same level get: as few as will do, and as even as they can be.
    private static func forEachShare(of count: Int, _ use: (Range<Int>) -> Void) {
        let nodes = (count + entriesANode - 1) / entriesANode
        for node in 0..<nodes { use(count * node / nodes..<count * (node + 1) / nodes) }
    }
}
