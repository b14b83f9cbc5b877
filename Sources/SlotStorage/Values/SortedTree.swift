internal import Memory

/// Scored members in order, by score and then by bytes: a B+ tree that counts.
///
/// The members are in the leaves, which are chained; an inner node knows for each child how many members are below it,
/// so that places can be told and found by number. Every node but the root is at least a third full, usually four
/// fifths (a full node first gives to a neighbour): 23 bytes a member, inner nodes included.
///
/// Changes go from the root down once: a full child gets room before an insertion enters it, a child at the minimum is
/// refilled before a removal does, so that nothing has to be mended on a way back.
///
/// The members are not the tree's: nothing here frees one. All members must differ.
@safe
struct SortedTree: ~Copyable {
    var root: TreeNode?
    /// How many members there are.
    var count = 0

    /// An empty tree; allocates nothing.
    init() {}

    deinit {
        if let root { Self.free(root) }
    }

    static func free(_ node: TreeNode) {
        if !node.isLeaf {
            for index in 0..<node.count { free(node.child(index)) }
        }
        node.free()
    }

    // MARK: Finding

    /// How many members come before some place, where `isBefore` tells which do: a run at the front. O(log n).
    @inline(__always)
    func rank(where isBefore: (_ score: Double, ScoredMember) -> Bool) -> Int {
        guard var node = root else { return 0 }
        var rank = 0
        while !node.isLeaf {
            let index = node.partition(from: 1, isBefore) - 1
            rank &+= node.size(upTo: index)
            node = node.child(index)
        }
        return rank + node.partition(from: 0, isBefore)
    }

    /// How many members come before one that is in the tree. O(log n).
    func rank(of member: ScoredMember) -> Int {
        let score = member.score
        return rank { $0 != score ? $0 < score : $1 != member && $1.bytes.precedes(member.bytes) }
    }

    /// The member with `rank` others before it, which must exist. O(log n).
    subscript(rank: Int) -> ScoredMember {
        let (leaf, index) = place(of: rank)
        return leaf.member(index)
    }

    /// The leaf and the index in it where the member at `rank` is.
    func place(of rank: Int) -> (leaf: TreeNode, index: Int) {
        guard var node = root, rank >= 0, rank < count else { preconditionFailure("no member has this rank") }
        var rest = rank
        while !node.isLeaf {
            var index = 0
            while rest >= node.size(index) {
                rest &-= node.size(index)
                index &+= 1
            }
            node = node.child(index)
        }
        return (node, rest)
    }

    // MARK: Changing

    /// Adds a member. O(log n).
    mutating func insert(_ member: ScoredMember) {
        var node = rootWithRoom()
        let score = member.score
        while !node.isLeaf {
            var index = node.index(ofChildFor: member, score)
            if node.child(index).isFull {
                node.makeRoom(inChild: index)
                index = node.index(ofChildFor: member, score)
            }
            node.addToSize(index, 1)
            node = node.child(index)
        }
        node.insert(member, at: node.partition(from: 0) { $0 != score ? $0 < score : $1.bytes.precedes(member.bytes) })
        count += 1
    }

    /// Takes out a member that is in the tree. O(log n).
    mutating func remove(_ member: ScoredMember) {
        guard var node = root else { preconditionFailure("the member is not in the tree") }
        let score = member.score
        // Where an inner node knows the member as the first of a child; there is one such place at most.
        var mention: (node: TreeNode, index: Int)?
        while !node.isLeaf {
            var index = node.index(ofChildFor: member, score)
            if node.child(index).count <= TreeNode.minimum {
                node.refill(index)
                index = node.index(ofChildFor: member, score)
            }
            node.addToSize(index, -1)
            if index > 0, node.member(index) == member { mention = (node, index) }
            node = node.child(index)
        }
        let index = node.partition(from: 0) {
            $0 != score ? $0 < score : $1 != member && $1.bytes.precedes(member.bytes)
        }
        precondition(index < node.count && node.member(index) == member, "the member is not in the tree")
        node.remove(at: index)
        if let mention { mention.node.setMember(mention.index, node.member(0)) }
        count -= 1
        lowerRoot()
    }

    /// Gives a member that is in the tree another score, and so another place. O(log n).
    mutating func move(_ member: ScoredMember, to score: Double) {
        if staysInPlace(member, with: score) { return }
        remove(member)
        member.score = score
        insert(member)
    }

    /// Changes the score where the member stays between its neighbours in the leaf.
    private func staysInPlace(_ member: ScoredMember, with score: Double) -> Bool {
        guard var node = root else { return false }
        let old = member.score
        while !node.isLeaf { node = node.child(node.index(ofChildFor: member, old)) }
        let index = node.partition(from: 0) { $0 != old ? $0 < old : $1 != member && $1.bytes.precedes(member.bytes) }
        // At the ends of the leaf the neighbour is elsewhere, and an inner node may know the member.
        guard index > 0, index + 1 < node.count else { return false }
        guard node.member(index - 1).precedes(member, score), !node.member(index + 1).precedes(member, score) else {
            return false
        }
        member.score = score
        node.setMember(index, member)
        return true
    }

    // MARK: The root

    /// The root, which there is and which is not full afterwards.
    private mutating func rootWithRoom() -> TreeNode {
        guard let root else {
            let leaf = TreeNode.make(level: 0)
            self.root = leaf
            return leaf
        }
        guard root.isFull else { return root }
        let raised = TreeNode.make(level: root.level + 1)
        raised.insert(root, size: count, first: nil, at: 0)
        raised.makeRoom(inChild: 0)
        self.root = raised
        return raised
    }

    /// Drops a root that is not needed any more.
    private mutating func lowerRoot() {
        while let root {
            if root.isLeaf {
                guard root.count == 0 else { return }
                self.root = nil
            } else {
                guard root.count == 1 else { return }
                self.root = root.child(0)
            }
            root.free()
        }
    }
}

extension ScoredMember {
    /// Whether this one comes before where `other` would be with `score`.
    @inline(__always)
    func precedes(_ other: ScoredMember, _ score: Double) -> Bool {
        let own = self.score
        return own != score ? own < score : bytes.precedes(other.bytes)
    }
}

extension TreeNode {
    /// The child of an inner node that `member` with `score` is in or belongs into.
    @inline(__always)
    func index(ofChildFor member: ScoredMember, _ score: Double) -> Int {
        partition(from: 1) { $0 != score ? $0 < score : $1 == member || $1.bytes.precedes(member.bytes) } - 1
    }
}
