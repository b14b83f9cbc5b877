internal import Memory

/// A sorted set: members, all different, each with a score, in order by score and then by bytes.
///
/// Small ones are a `CompactSortedSet` ("ziplist"); beyond the limits, and then for good, they are a `MemberTree`
/// ("skiplist"), in which everything that looks for a place is O(log n). Ranks count from 0 at the lowest score, and
/// every range of scores or bytes is a range of ranks.
///
/// A plain word with manual ownership: an entry owns it, or whoever holds it calls ``free()``, once. A change may move
/// it, after which copies are dangling. An empty one must not stay in a database.
@safe
public struct SortedSetValue: BitwiseCopyable {
    public private(set) var encoding: ValueEncoding
    private(set) var payload: UInt64

    /// An empty one in its smallest form.
    public static func empty() -> SortedSetValue { SortedSetValue(CompactSortedSet(.make())) }

    /// The sorted set that `value` is; traps when it is something else.
    public init(_ value: Value) {
        precondition(value.type == .sortedSet, "not a sorted set")
        encoding = value.encoding
        payload = value.payload
    }

    init(_ compact: CompactSortedSet) {
        encoding = .compactList
        payload = compact.list.payload
    }

    init(_ tree: consuming MemberTree) {
        encoding = .tree
        let place = unsafe Heap.allocate(Self.treeSize).bindMemory(to: MemberTree.self, capacity: 1)
        unsafe place.initialize(to: tree)
        payload = UInt64(UInt(bitPattern: place))
    }

    /// The same sorted set as a value for a database.
    public var value: Value { Value(type: .sortedSet, encoding: encoding, payload: payload) }

    /// Gives back all memory. O(n).
    public func free() {
        if isCompact {
            compact.list.free()
        } else {
            unsafe treePlace.deinitialize(count: 1)
            unsafe Heap.free(treePlace, Self.treeSize)
        }
    }

    /// How many allocations ``free()`` gives back, about.
    public var freeEffort: Int { isCompact ? 1 : count }

    private static var treeSize: Int { MemoryLayout<MemberTree>.size }

    // MARK: Forms

    var isCompact: Bool { encoding == .compactList }

    var compact: CompactSortedSet {
        get { CompactSortedSet(CompactList(payload: payload)) }
        set { payload = newValue.list.payload }
    }

    private var treePlace: UnsafeMutablePointer<MemberTree> {
        // The payload of this encoding was made from an address.
        unsafe UnsafeMutablePointer(bitPattern: UInt(payload)).unsafelyUnwrapped
    }

    var tree: MemberTree {
        unsafeAddress { unsafe UnsafePointer(treePlace) }
        nonmutating unsafeMutableAddress { unsafe treePlace }
    }

    // MARK: Reading

    /// How many members there are. O(1).
    public var count: Int { isCompact ? compact.count : tree.count }

    /// The score of a member. O(1) in a tree.
    public func score(of member: RawSpan) -> Double? {
        if isCompact {
            let compact = self.compact
            return compact.find(member).map { compact.score(at: $0) }
        }
        return tree.find(member)?.score
    }

    /// How many members come before this one. O(log n) in a tree.
    public func rank(of member: RawSpan) -> Int? {
        if isCompact {
            let compact = self.compact
            return compact.find(member).map { compact.rank(of: $0) }
        }
        return tree.find(member).map { tree.tree.rank(of: $0) }
    }

    /// Visits the members in a range of ranks, from its start to its end or, if `reversed`, from its end to its start.
    /// O(log n + members visited) in a tree.
    public func forEach(
        in ranks: Range<Int>, reversed: Bool = false, _ visit: (_ member: RawSpan, _ score: Double) -> Void
    ) {
        if isCompact {
            let compact = self.compact
            compact.forEachPosition(in: ranks, reversed: reversed) { position in
                let score = compact.score(at: position)
                compact.list.withBytes(at: position) { visit($0, score) }
            }
        } else {
            tree.tree.forEach(in: ranks, reversed: reversed) { visit($0.bytes, $0.score) }
        }
    }

    /// Visits the members in a range of ranks, in order, as views to be kept while the set does not change.
    public func forEachMember(in ranks: Range<Int>, _ visit: (SortedSetMember) -> Void) {
        if isCompact {
            compact.forEachPosition(in: ranks) { visit(SortedSetMember(compact, at: $0)) }
        } else {
            tree.tree.forEach(in: ranks) { visit(SortedSetMember($0)) }
        }
    }

    /// Visits every member in order. O(n).
    public func forEach(_ visit: (_ member: RawSpan, _ score: Double) -> Void) { forEach(in: 0..<count, visit) }

    /// One step of a scan: visits some members, in no order, and answers the next cursor; 0 starts and ends. A member
    /// that is there all the time is visited, at least once.
    public func scan(_ cursor: UInt64, _ visit: (SortedSetMember) -> Void) -> UInt64 {
        if isCompact {
            compact.forEachPosition(in: 0..<count) { visit(SortedSetMember(compact, at: $0)) }
            return 0
        }
        return unsafe tree.index.scan(cursor) { unsafe visit(SortedSetMember(ScoredMember($0))) }
    }

    // MARK: Ranges

    /// The ranks of the members whose score is in a range. O(log n) in a tree.
    public func ranks(in range: ScoreRange) -> Range<Int> {
        isCompact ? compact.ranks(in: range) : tree.ranks(in: range)
    }

    /// The ranks of the members that are in a range of bytes. O(log n) in a tree.
    ///
    /// It is meant for equal scores. Where they differ, a compact set answers the run of members that Redis would,
    /// looking from its start or its end; a tree answers some range.
    public func ranks(in range: borrowing LexRange, fromEnd: Bool = false) -> Range<Int> {
        isCompact ? compact.ranks(in: range, fromEnd: fromEnd) : tree.ranks(in: range)
    }
}

extension MemberTree {
    fileprivate func ranks(in range: ScoreRange) -> Range<Int> {
        let lower = tree.rank { score, _ in range.follows(score) }
        let upper = tree.rank { score, _ in range.reaches(score) }
        return lower..<max(lower, upper)
    }

    fileprivate func ranks(in range: borrowing LexRange) -> Range<Int> {
        let lower = tree.rank { range.follows($1.bytes) }
        let upper = tree.rank { range.reaches($1.bytes) }
        return lower..<max(lower, upper)
    }
}
