import Memory
import RESP
import SlotStorage

/// `start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]`: a range of a sorted set, as ZRANGE of Redis
/// 6.2 asks for it and ZRANGESTORE stores it.
struct SortedSetRangeQuery {
    private enum Order {
        case rank, score, bytes
    }

    private let order: Order
    /// The arguments with the lower and the upper bound.
    private let (lower, upper): (Int, Int)
    private let limit: (offset: Int64, count: Int64)?
    let isReversed: Bool
    let withScores: Bool

    /// - Parameter first: the index of `start`.
    init(_ request: borrowing Request, from first: Int, allowsScores: Bool) throws(CommandError) {
        var byScore = false
        var byLex = false
        var isReversed = false
        var withScores = false
        var limit: (offset: Int64, count: Int64)?
        var index = first + 2
        while index < request.count {
            let word = request[index]
            if word.equalsIgnoringCase("byscore") {
                byScore = true
            } else if word.equalsIgnoringCase("bylex") {
                byLex = true
            } else if word.equalsIgnoringCase("rev") {
                isReversed = true
            } else if allowsScores, word.equalsIgnoringCase("withscores") {
                withScores = true
            } else if word.equalsIgnoringCase("limit"), index + 2 < request.count {
                limit = (try request[index + 1].integer(), try request[index + 2].integer())
                index += 2
            } else {
                throw .syntax
            }
            index += 1
        }
        if byScore, byLex { throw .syntax }
        if limit != nil, !byScore, !byLex { throw .limitWithoutRange }
        if withScores, byLex { throw .scoresOfLex }
        order = byScore ? .score : byLex ? .bytes : .rank
        let isDescending = isReversed && order != .rank
        (lower, upper) = isDescending ? (first + 1, first) : (first, first + 1)
        switch order {
        case .rank: _ = (try request[lower].integer(), try request[upper].integer())
        case .score: if ScoreRange(minimum: request[lower], maximum: request[upper]) == nil { throw .notAScoreRange }
        case .bytes: if LexRange(minimum: request[lower], maximum: request[upper]) == nil { throw .notALexRange }
        }
        self.limit = limit
        self.isReversed = isReversed
        self.withScores = withScores
    }

    /// The ranks of the members that are asked for, by the request that this was made of.
    func ranks(of set: SortedSetValue, _ request: borrowing Request) -> Range<Int> {
        let found: Range<Int>
        switch order {
        case .rank:
            guard let start = Int64(canonical: request[lower]), let stop = Int64(canonical: request[upper]),
                let range = Range(ofElementsFrom: start, through: stop, count: set.count)
            else { return 0..<0 }
            return isReversed ? set.count - range.upperBound..<set.count - range.lowerBound : range
        case .score:
            guard let range = ScoreRange(minimum: request[lower], maximum: request[upper]) else { return 0..<0 }
            found = set.ranks(in: range)
        case .bytes:
            guard let range = LexRange(minimum: request[lower], maximum: request[upper]) else { return 0..<0 }
            found = set.ranks(in: range, fromEnd: isReversed)
        }
        guard let limit else { return found }
        return found.limited(offset: limit.offset, count: limit.count, reversed: isReversed)
    }
}

extension Range<Int> {
    /// The part that `LIMIT offset count` leaves of a range of ranks: a negative offset leaves nothing, a negative count
    /// everything behind the offset.
    func limited(offset: Int64, count: Int64, reversed: Bool) -> Range<Int> {
        guard offset >= 0, offset < self.count else { return lowerBound..<lowerBound }
        let rest = self.count - Int(offset)
        let taken = count < 0 ? rest : Int(Swift.min(count, Int64(rest)))
        let start = reversed ? upperBound - Int(offset) - taken : lowerBound + Int(offset)
        return start..<start + taken
    }
}
