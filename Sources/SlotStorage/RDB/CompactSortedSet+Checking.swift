internal import Memory

extension CompactSortedSet {
    /// Whether members and scores take turns, in order, and no member comes twice: what bytes from outside have to be
    /// asked. O(n).
    func check() throws(RDBError) {
        guard list.count % 2 == 0 else { throw .unpairedElement }
        var last: (position: Position, score: Double)?
        var current = list.first
        while let position = current {
            guard let score = readScore(at: position) else { throw .badScore }
            if let last {
                let isBehind = last.score != score ? last.score < score : comesBefore(last.position, position)
                guard isBehind else { throw .unorderedMembers }
            }
            last = (position, score)
            current = next(after: position)
        }
        guard list.hasDistinctFields else { throw .repeatedMember }
    }

    /// Whether one member comes before another in byte order.
    private func comesBefore(_ position: Position, _ other: Position) -> Bool {
        list.withBytes(at: position) { member in list.withBytes(at: other) { member.precedes($0) } }
    }
}
