internal import Memory

/// A node of a `SortedTree`: up to ``capacity`` entries in one allocation.
///
///       2 bytes   number of entries      2 bytes   level, 0 for a leaf      4 bytes   nothing
///       8 bytes each   scores
///       8 bytes each   members: those of a leaf; in an inner node, the first member of each child but the first
///
///     a leaf, 504 bytes (512 in jemalloc):      an inner node, 968 bytes (1024 in jemalloc):
///       8 bytes   leaf before                     8 bytes each   children
///       8 bytes   leaf behind                     8 bytes each   how many members are in each child
///
/// The scores are here as well as in the members, which are somewhere else in memory, so that only members with the
/// same score have to be looked at. The first member and score of an inner node are nothing that anybody may read.
@safe
struct TreeNode: BitwiseCopyable, Equatable {
    let base: UnsafeMutableRawPointer

    // Leaves of 384, 512 and 640 bytes (22, 30 and 38 entries) are equally fast with a million members, which cost 70,
    // 69 and 68 bytes each; smaller ones split more often, and larger ones are a burden to small sets.
    static var capacity: Int { 30 }
    /// A node that is not the root has at least so many entries.
    static var minimum: Int { capacity / 3 }
    /// Two neighbours become one where they have so many entries together: less than a node holds, so that the next
    /// insertion does not split it again.
    private static var mergeLimit: Int { capacity * 4 / 5 }
    /// A neighbour with room for so many entries takes some before a full node is split.
    private static var roomWorthUsing: Int { max(capacity / 8, 2) }

    private static var scoresOffset: Int { 8 }
    private static var membersOffset: Int { scoresOffset + 8 * capacity }
    private static var tailOffset: Int { membersOffset + 8 * capacity }
    private static var leafSize: Int { tailOffset + 16 }
    private static var innerSize: Int { tailOffset + 16 * capacity }

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    static func make(level: Int) -> TreeNode {
        let node = unsafe TreeNode(Heap.allocate(level == 0 ? leafSize : innerSize))
        unsafe node.base.storeBytes(of: UInt16(level), toByteOffset: 2, as: UInt16.self)
        node.count = 0
        if level == 0 {
            node.next = nil
            node.previous = nil
        }
        return node
    }

    /// Gives back this node; its members and children are somebody else's.
    func free() { unsafe Heap.free(base, isLeaf ? Self.leafSize : Self.innerSize) }

    @inline(__always)
    static func == (left: TreeNode, right: TreeNode) -> Bool { unsafe left.base == right.base }

    // MARK: Entries

    /// How many entries there are.
    var count: Int {
        @inline(__always) get { unsafe Int(base.load(as: UInt16.self)) }
        nonmutating set { unsafe base.storeBytes(of: UInt16(newValue), as: UInt16.self) }
    }

    /// How far the leaves are below this node.
    var level: Int { unsafe Int(base.load(fromByteOffset: 2, as: UInt16.self)) }
    var isLeaf: Bool { level == 0 }
    var isFull: Bool { count == Self.capacity }
    var hasRoomWorthUsing: Bool { count <= Self.capacity - Self.roomWorthUsing }

    private var scores: UnsafeMutablePointer<Double> {
        unsafe (base + Self.scoresOffset).assumingMemoryBound(to: Double.self)
    }

    private var members: UnsafeMutablePointer<ScoredMember> {
        unsafe (base + Self.membersOffset).assumingMemoryBound(to: ScoredMember.self)
    }

    private var children: UnsafeMutablePointer<TreeNode> {
        unsafe (base + Self.tailOffset).assumingMemoryBound(to: TreeNode.self)
    }

    private var sizes: UnsafeMutablePointer<Int> {
        unsafe (base + Self.tailOffset + 8 * Self.capacity).assumingMemoryBound(to: Int.self)
    }

    @inline(__always)
    func member(_ index: Int) -> ScoredMember { unsafe members[index] }

    func score(_ index: Int) -> Double { unsafe scores[index] }

    func setMember(_ index: Int, _ member: ScoredMember) {
        unsafe members[index] = member
        unsafe scores[index] = member.score
    }

    @inline(__always)
    func child(_ index: Int) -> TreeNode { unsafe children[index] }

    /// How many members are below the child at `index`.
    @inline(__always)
    func size(_ index: Int) -> Int { unsafe sizes[index] }

    @inline(__always)
    func addToSize(_ index: Int, _ difference: Int) { unsafe sizes[index] &+= difference }

    /// How many members are below this node.
    var totalSize: Int { isLeaf ? count : size(upTo: count) }

    /// How many members are below the first `end` children.
    @inline(__always)
    func size(upTo end: Int) -> Int {
        var total = 0
        for index in 0..<end { total &+= size(index) }
        return total
    }

    /// The index of the first entry from `start` on that does not come before some place, where `isBefore` tells which
    /// do: a run at the front. O(log capacity).
    @inline(__always)
    func partition(from start: Int, _ isBefore: (_ score: Double, ScoredMember) -> Bool) -> Int {
        var low = start
        var high = count
        while low < high {
            let middle = (low &+ high) >> 1
            if unsafe isBefore(scores[middle], members[middle]) { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    // MARK: Leaves

    var next: TreeNode? {
        get { leaf(atOffset: Self.tailOffset) }
        nonmutating set { setLeaf(newValue, atOffset: Self.tailOffset) }
    }

    var previous: TreeNode? {
        get { leaf(atOffset: Self.tailOffset + 8) }
        nonmutating set { setLeaf(newValue, atOffset: Self.tailOffset + 8) }
    }

    private func leaf(atOffset offset: Int) -> TreeNode? {
        unsafe base.load(fromByteOffset: offset, as: UnsafeMutableRawPointer?.self).map { unsafe TreeNode($0) }
    }

    private func setLeaf(_ leaf: TreeNode?, atOffset offset: Int) {
        unsafe base.storeBytes(of: leaf?.base, toByteOffset: offset, as: UnsafeMutableRawPointer?.self)
    }

    // MARK: Changing

    /// Puts a member into a leaf that is not full.
    func insert(_ member: ScoredMember, at index: Int) {
        open(at: index)
        setMember(index, member)
    }

    /// Puts a child into an inner node that is not full; `first`, its first member, may be missing where `index` is 0.
    func insert(_ child: TreeNode, size: Int, first: ScoredMember?, at index: Int) {
        open(at: index)
        unsafe children[index] = child
        unsafe sizes[index] = size
        if let first { setMember(index, first) }
    }

    private func open(at index: Int) {
        let moved = count - index
        unsafe (scores + index + 1).update(from: scores + index, count: moved)
        unsafe (members + index + 1).update(from: members + index, count: moved)
        if !isLeaf {
            unsafe (children + index + 1).update(from: children + index, count: moved)
            unsafe (sizes + index + 1).update(from: sizes + index, count: moved)
        }
        count += 1
    }

    /// Takes out the entry at `index`.
    func remove(at index: Int) {
        let moved = count - index - 1
        unsafe (scores + index).update(from: scores + index + 1, count: moved)
        unsafe (members + index).update(from: members + index + 1, count: moved)
        if !isLeaf {
            unsafe (children + index).update(from: children + index + 1, count: moved)
            unsafe (sizes + index).update(from: sizes + index + 1, count: moved)
        }
        count -= 1
    }

    /// Drops the entries from `index` on.
    func truncate(to index: Int) { count = index }

    /// Moves the entries from `index` on to the end of `other`.
    func move(from index: Int, toEndOf other: TreeNode) {
        copyEntries(from: index, count: count - index, to: other, at: other.count)
        other.count += count - index
        count = index
    }

    /// Moves the first `moved` entries to the end of `other`.
    func moveFirst(_ moved: Int, toEndOf other: TreeNode) {
        copyEntries(from: 0, count: moved, to: other, at: other.count)
        other.count += moved
        copyEntries(from: moved, count: count - moved, to: self, at: 0)
        count -= moved
    }

    /// Moves the entries from `index` on to the front of `other`.
    func move(from index: Int, toFrontOf other: TreeNode) {
        let moved = count - index
        other.copyEntries(from: 0, count: other.count, to: other, at: moved)
        copyEntries(from: index, count: moved, to: other, at: 0)
        other.count += moved
        count = index
    }

    private func copyEntries(from index: Int, count: Int, to other: TreeNode, at place: Int) {
        unsafe (other.scores + place).update(from: scores + index, count: count)
        unsafe (other.members + place).update(from: members + index, count: count)
        guard !isLeaf else { return }
        unsafe (other.children + place).update(from: children + index, count: count)
        unsafe (other.sizes + place).update(from: sizes + index, count: count)
    }

    // MARK: Children in balance

    /// Makes room in the full child at `index`: by moving entries to a neighbour that has room, or else by splitting
    /// it. This node must not be full.
    func makeRoom(inChild index: Int) {
        if index > 0, child(index - 1).hasRoomWorthUsing {
            even(index - 1)
        } else if index + 1 < count, child(index + 1).hasRoomWorthUsing {
            even(index)
        } else {
            splitChild(index)
        }
    }

    /// Brings a child that has too few entries up to the minimum, or merges it with a neighbour.
    func refill(_ index: Int) {
        guard count > 1 else { return }
        let left = index > 0 ? index - 1 : 0
        if child(left).count + child(left + 1).count > Self.mergeLimit { even(left) } else { mergeChild(left) }
    }

    private func splitChild(_ index: Int) {
        let left = child(index)
        let right = TreeNode.make(level: left.level)
        left.move(from: left.count / 2, toEndOf: right)
        if left.isLeaf { right.link(behind: left) }
        let rightSize = right.totalSize
        addToSize(index, -rightSize)
        insert(right, size: rightSize, first: right.member(0), at: index + 1)
    }

    /// Shares the entries of children `index` and `index + 1` evenly.
    private func even(_ index: Int) {
        let (left, right) = (child(index), child(index + 1))
        let target = (left.count + right.count) / 2
        right.setMember(0, member(index + 1))
        if left.count < target {
            right.moveFirst(target - left.count, toEndOf: left)
        } else {
            left.move(from: target, toFrontOf: right)
        }
        let moved = right.totalSize - size(index + 1)
        addToSize(index, -moved)
        addToSize(index + 1, moved)
        setMember(index + 1, right.member(0))
    }

    private func mergeChild(_ index: Int) {
        let (left, right) = (child(index), child(index + 1))
        right.setMember(0, member(index + 1))
        right.move(from: 0, toEndOf: left)
        if left.isLeaf { right.unlink() }
        addToSize(index, size(index + 1))
        remove(at: index + 1)
        right.free()
    }

    /// Takes the place behind `leaf` in the chain of leaves.
    func link(behind leaf: TreeNode) {
        next = leaf.next
        previous = leaf
        leaf.next?.previous = self
        leaf.next = self
    }

    private func unlink() {
        next?.previous = previous
        previous?.next = next
    }
}
