internal import Memory

/// The small form of a sorted set ("ziplist"): members and their scores in turn in a compact list, in ascending order.
///
/// Scores are text with up to 17 significant digits, kept as an integer where they are one, so the bytes are Redis'.
/// Everything is O(n).
@safe
struct CompactSortedSet: BitwiseCopyable {
    typealias Position = CompactList.Position

    var list: CompactList

    init(_ list: CompactList) { self.list = list }

    var count: Int { list.count / 2 }

    // MARK: Reading

    /// Where a member is.
    @inline(__always)
    func find(_ member: RawSpan) -> Position? {
        guard let first = list.first else { return nil }
        return list.find(member, from: first, skipping: 1)
    }

    /// The score of the member at a position.
    func score(at position: Position) -> Double {
        guard let score = readScore(at: position) else { preconditionFailure("a member without a score") }
        return score
    }

    /// The score of the member at a position, `nil` where no number follows it.
    @inline(__always)
    func readScore(at position: Position) -> Double? {
        guard let place = list.next(after: position) else { return nil }
        if let number = list.integer(at: place) { return Double(number) }
        return list.withBytes(at: place) { text in
            text.byteCount > 0 && text.firstIndex(of: 0) == nil ? Double(score: text) : nil
        }
    }

    /// The member behind the one at a position.
    func next(after position: Position) -> Position? {
        list.next(after: position).flatMap { list.next(after: $0) }
    }

    func previous(before position: Position) -> Position? {
        list.previous(before: position).flatMap { list.previous(before: $0) }
    }

    /// How many members come before the one at a position.
    func rank(of position: Position) -> Int {
        var rank = 0
        var current = list.first
        while let place = current, place < position {
            rank += 1
            current = next(after: place)
        }
        return rank
    }

    /// Visits the members in a range of ranks, from its start to its end or, if `reversed`, from its end to its start.
    @inline(__always)
    func forEachPosition(in ranks: Range<Int>, reversed: Bool = false, _ visit: (Position) -> Void) {
        guard !ranks.isEmpty else { return }
        var current = list.position(at: 2 * (reversed ? ranks.upperBound - 1 : ranks.lowerBound))
        for _ in ranks {
            guard let position = current else { preconditionFailure("no member has this rank") }
            visit(position)
            current = reversed ? previous(before: position) : next(after: position)
        }
    }

    // MARK: Changing

    /// Inserts a member that is not here.
    mutating func insert(_ member: RawSpan, score: Double) {
        var current = list.first
        while let position = current, !comesBefore(position, member, score) { current = next(after: position) }
        let position = current
        score.withScoreText { text in
            if let position {
                list.insert(member, before: position)
                guard let next = list.next(after: position) else { preconditionFailure("an entry went missing") }
                list.insert(text, before: next)
            } else {
                list.append(member)
                list.append(text)
            }
        }
    }

    /// Whether a new member comes before the one at a position.
    private func comesBefore(_ position: Position, _ member: RawSpan, _ score: Double) -> Bool {
        let other = self.score(at: position)
        if other != score { return other > score }
        return list.withBytes(at: position) { member.precedes($0) }
    }

    /// Removes the member at a position, and its score.
    mutating func remove(at position: Position) {
        list.remove(at: position)
        list.remove(at: position)
    }

    mutating func remove(_ ranks: Range<Int>) {
        list.remove(from: 2 * ranks.lowerBound, count: 2 * ranks.count)
    }
}

/// Ranges as ranks.
extension CompactSortedSet {
    func ranks(in range: ScoreRange) -> Range<Int> {
        var lower = 0
        var current = list.first
        while let position = current, range.follows(score(at: position)) {
            lower += 1
            current = next(after: position)
        }
        var upper = lower
        while let position = current, range.reaches(score(at: position)) {
            upper += 1
            current = next(after: position)
        }
        return lower..<upper
    }

    /// As Redis finds it where scores differ, and so the answer depends on the way: from the first member that is not
    /// before the range as long as members are in it, or from the last one that is not behind it.
    func ranks(in range: borrowing LexRange, fromEnd: Bool) -> Range<Int> {
        guard let first = list.first, let end = list.position(at: -2) else { return 0..<0 }
        let isOutside =
            list.withBytes(at: end) { range.follows($0) } || !list.withBytes(at: first) { range.reaches($0) }
        if isOutside { return 0..<0 }
        return fromEnd ? ranksFromEnd(range, end) : ranksFromStart(range, first)
    }

    private func ranksFromStart(_ range: borrowing LexRange, _ first: Position) -> Range<Int> {
        var lower = 0
        var current: Position? = first
        while let position = current, list.withBytes(at: position, { range.follows($0) }) {
            lower += 1
            current = next(after: position)
        }
        var upper = lower
        while let position = current, list.withBytes(at: position, { range.reaches($0) }) {
            upper += 1
            current = next(after: position)
        }
        return lower..<upper
    }

    private func ranksFromEnd(_ range: borrowing LexRange, _ last: Position) -> Range<Int> {
        var upper = count
        var current: Position? = last
        while let position = current, !list.withBytes(at: position, { range.reaches($0) }) {
            upper -= 1
            current = previous(before: position)
        }
        var lower = upper
        while let position = current, !list.withBytes(at: position, { range.follows($0) }) {
            lower -= 1
            current = previous(before: position)
        }
        return lower..<upper
    }
}
