internal import Memory

/// A sorted set that is put together before it is put in order: ZUNIONSTORE's result, or what a file holds.
///
/// n insertions and ``finish(_:)`` are O(n log n), O(n) where members come in order or in the reverse of it.
public struct SortedSetBuilder: ~Copyable {
    private var index = BucketTable<ScoredMember>()
    private var members: [ScoredMember] = []
    /// The length of the longest member that spells no integer. Redis keeps the others as integers here, and does not
    /// look at their length when it chooses the form.
    private var longestText = 0
    private var ascends = true
    private var descends = true

    public init() {}

    deinit { for member in members { member.free() } }

    public var count: Int { members.count }

    /// Whether the members came in order or in the reverse of it, so that putting them in order is O(n).
    var isInOrder: Bool { ascends || descends }

    /// Adds a member. `false` where it is there already, which changes nothing. O(1).
    @discardableResult
    public mutating func insert(_ member: RawSpan, score: Double) -> Bool {
        var isNew = false
        update(member) { old in
            isNew = old == nil
            return old ?? score
        }
        return isNew
    }

    /// Gives a member the score that `newScore` makes of its old one, `nil` where the member is missing. O(1).
    @inline(__always)
    public mutating func update(_ member: RawSpan, _ newScore: (_ old: Double?) -> Double) {
        let hash = Hashing.hash(member)
        if let found = index.find(member, hash: hash) {
            found.score = newScore(found.score)
            return
        }
        let made = ScoredMember.make(member, score: newScore(nil))
        unsafe index.insert(made.base, hash: hash)
        if let last = members.last {
            if last.precedes(made) { descends = false } else { ascends = false }
        }
        members.append(made)
        if member.byteCount > longestText, Int64(canonical: member) == nil { longestText = member.byteCount }
    }

    /// The sorted set, in the form that the limits call for.
    public consuming func finish(_ limits: EncodingLimits) -> SortedSetValue {
        if members.count > limits.zsetMaxZiplistEntries || longestText > limits.zsetMaxZiplistValue {
            return SortedSetValue(makeTree())
        }
        members.sort { $0.precedes($1) }
        var list = CompactList.make()
        for member in members {
            list.append(member.bytes)
            member.score.withScoreText { list.append($0) }
        }
        return SortedSetValue(CompactSortedSet(list))
    }

    /// The members as a tree, which owns them.
    consuming func makeTree() -> MemberTree {
        members.sort { $0.precedes($1) }
        let tree = SortedTree(sorted: members)
        members = []
        var index = BucketTable<ScoredMember>()
        swap(&index, &self.index)
        return MemberTree(tree, index)
    }
}
