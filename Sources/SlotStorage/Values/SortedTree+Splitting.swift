internal import Memory

/// Cutting a tree in two and making two into one, which is how whole ranges are removed.
extension SortedTree {
    /// Takes out the members in a range of ranks and hands each to `take`, in order. O(log n + members taken).
    mutating func remove(_ ranks: Range<Int>, _ take: (ScoredMember) -> Void) {
        guard !ranks.isEmpty else { return }
        var taken = cut(at: ranks.lowerBound)
        let rest = taken.cut(at: ranks.count)
        taken.forEach(take)
        append(rest)
    }

    /// Takes off the members from `rank` on and answers them as a tree of their own. O(log n).
    mutating func cut(at rank: Int) -> SortedTree {
        precondition(rank >= 0 && rank <= count, "no place has this rank")
        var back = SortedTree()
        if rank == count { return back }
        swap(&self, &back)
        if rank == 0 { return back }
        guard let whole = back.root else { return back }
        let (left, right) = Self.split(whole, at: rank)
        Self.lastLeaf(of: left).next = nil
        Self.firstLeaf(of: right).previous = nil
        root = left
        count = rank
        back.root = right
        back.count -= rank
        return back
    }

    /// Adds the members of `other`, which all come behind those of this tree. O(log n).
    mutating func append(_ other: consuming SortedTree) {
        guard let added = other.root else { return }
        root = root.map { Self.join($0, added) } ?? added
        count += other.count
        other.root = nil
    }

    /// The trees of the first `rank` members below `node` and of the others, neither empty. `node` is used up.
    private static func split(_ node: TreeNode, at rank: Int) -> (TreeNode, TreeNode) {
        let right = TreeNode.make(level: node.level)
        if node.isLeaf {
            node.move(from: rank, toEndOf: right)
            right.link(behind: node)
            return (node, right)
        }
        var index = 0
        var rest = rank
        while rest > node.size(index) {
            rest -= node.size(index)
            index += 1
        }
        // The child at `index` is cut, or ends where the cut is.
        let child = node.child(index)
        let isWhole = rest == node.size(index)
        node.move(from: index + 1, toEndOf: right)
        node.truncate(to: index)
        let (left, behind) = (reduced(node), reduced(right))
        if isWhole {
            guard let behind else { preconditionFailure("a split behind the last member") }
            return (left.map { join($0, child) } ?? child, behind)
        }
        let (childLeft, childRight) = split(child, at: rest)
        return (left.map { join($0, childLeft) } ?? childLeft, behind.map { join(childRight, $0) } ?? childRight)
    }

    /// The root of what is below an inner node that may have too few children to be one.
    private static func reduced(_ node: TreeNode) -> TreeNode? {
        if node.count > 1 { return node }
        defer { node.free() }
        return node.count == 0 ? nil : node.child(0)
    }

    /// One tree of two, the members of `left` before those of `right`. Both are used up. O(difference of their levels),
    /// and a way to the leaves between them.
    private static func join(_ left: TreeNode, _ right: TreeNode) -> TreeNode {
        let (last, first) = (lastLeaf(of: left), firstLeaf(of: right))
        last.next = first
        first.previous = last
        let middle = first.member(0)
        if left.level > right.level { return attach(right, to: left, atEnd: true, middle) }
        if left.level < right.level { return attach(left, to: right, atEnd: false, middle) }
        let root = TreeNode.make(level: left.level + 1)
        root.insert(left, size: left.totalSize, first: nil, at: 0)
        root.insert(right, size: right.totalSize, first: middle, at: 1)
        return mended(root, at: 0)
    }

    /// Puts a tree at the end or the front of a higher one; `middle` is the first member of the right one of them.
    private static func attach(_ tree: TreeNode, to higher: TreeNode, atEnd: Bool, _ middle: ScoredMember) -> TreeNode {
        let size = tree.totalSize
        var root = higher
        if root.isFull {
            root = TreeNode.make(level: higher.level + 1)
            root.insert(higher, size: higher.totalSize, first: nil, at: 0)
            root.makeRoom(inChild: 0)
        }
        var node = root
        while node.level > tree.level + 1 {
            if node.child(atEnd ? node.count - 1 : 0).isFull { node.makeRoom(inChild: atEnd ? node.count - 1 : 0) }
            let index = atEnd ? node.count - 1 : 0
            node.addToSize(index, size)
            node = node.child(index)
        }
        if atEnd {
            node.insert(tree, size: size, first: middle, at: node.count)
            if tree.count < TreeNode.minimum { node.refill(node.count - 1) }
        } else {
            node.insert(tree, size: size, first: nil, at: 0)
            node.setMember(1, middle)
            if tree.count < TreeNode.minimum { node.refill(0) }
        }
        return root
    }

    /// A root of two children, put right where one of them has too few entries.
    private static func mended(_ root: TreeNode, at index: Int) -> TreeNode {
        if min(root.child(0).count, root.child(1).count) < TreeNode.minimum { root.refill(index) }
        guard root.count == 1 else { return root }
        defer { root.free() }
        return root.child(0)
    }
}
