internal import Memory

extension SortedSetValue {
    /// What an update did with a member.
    public enum Change: Sendable {
        case added
        case updated
        case none
    }

    /// Gives a member the score that `newScore` makes of its old one, which is `nil` where the member is missing; `nil`
    /// leaves it as it is. O(log n) in a tree.
    ///
    /// The score must not be NaN. As in Redis, a score that is equal to the old one changes nothing, not even the sign
    /// of zero.
    @inline(__always)
    @discardableResult
    public mutating func update(
        _ member: RawSpan, _ limits: EncodingLimits, _ newScore: (_ old: Double?) -> Double?
    ) -> Change {
        // Room for the member and a score, old members included: their score may get longer.
        if isCompact, !compact.list.hasRoom(for: member.byteCount + 32) { becomeTree() }
        if isCompact {
            var compact = self.compact
            if let position = compact.find(member) {
                let old = compact.score(at: position)
                guard let score = newScore(old), score != old else { return .none }
                compact.remove(at: position)
                compact.insert(member, score: score)
                self.compact = compact
                return .updated
            }
            guard let score = newScore(nil) else { return .none }
            add(member, score, limits)
            return .added
        }
        if let found = tree.find(member) {
            let old = found.score
            guard let score = newScore(old), score != old else { return .none }
            tree.setScore(of: found, to: score)
            return .updated
        }
        guard let score = newScore(nil) else { return .none }
        tree.insert(member, score: score)
        return .added
    }

    /// Adds a member to a compact set that does not have it, which is a tree afterwards if the limits say so.
    private mutating func add(_ member: RawSpan, _ score: Double, _ limits: EncodingLimits) {
        var compact = self.compact
        let isTooMuch =
            compact.count + 1 > limits.zsetMaxZiplistEntries || member.byteCount > limits.zsetMaxZiplistValue
        if isTooMuch {
            becomeTree()
            tree.insert(member, score: score)
        } else {
            compact.insert(member, score: score)
            self.compact = compact
        }
    }

    /// Removes a member. `false` where there is none. O(log n) in a tree.
    public mutating func remove(_ member: RawSpan) -> Bool {
        guard isCompact else { return tree.remove(member) }
        var compact = self.compact
        guard let position = compact.find(member) else { return false }
        compact.remove(at: position)
        self.compact = compact
        return true
    }

    /// Removes the members in a range of ranks. O(log n + members removed) in a tree.
    public mutating func remove(_ ranks: Range<Int>) {
        guard !ranks.isEmpty else { return }
        precondition(ranks.lowerBound >= 0 && ranks.upperBound <= count, "no member has this rank")
        if isCompact {
            var compact = self.compact
            compact.remove(ranks)
            self.compact = compact
        } else {
            tree.remove(ranks)
        }
    }

    /// Changes from the compact form to a tree. O(n).
    mutating func becomeTree() {
        let old = self
        self = SortedSetValue(old.makeTree())
        old.free()
    }

    private func makeTree() -> MemberTree {
        var builder = SortedSetBuilder()
        forEach { member, score in builder.insert(member, score: score) }
        return builder.makeTree()
    }
}
