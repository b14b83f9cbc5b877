internal import Memory

extension RDBReader {
    /// A sorted set in one of the forms that RDB has for it. No member may come twice, there must be one, and every
    /// score is a number. O(n) where members come in order or in the reverse of it, else O(n log n).
    mutating func readSortedSet(_ type: RDBType, limits: EncodingLimits) throws(RDBError) -> Value {
        let set = type == .sortedSetZiplist ? try readCompactSortedSet(limits) : try readScoredMembers(limits)
        return set.value
    }

    /// Redis looks at the number of members only, not at their lengths.
    private mutating func readCompactSortedSet(_ limits: EncodingLimits) throws(RDBError) -> SortedSetValue {
        let text = try readText()
        guard CompactList.isValid(text.bytes) else { throw .badCollection }
        let compact = CompactSortedSet(CompactList.make(copying: text.bytes))
        guard !compact.list.isEmpty, compact.isValid else {
            compact.list.free()
            throw .badCollection
        }
        var set = SortedSetValue(compact)
        if set.count > limits.zsetMaxZiplistEntries { set.becomeTree() }
        return set
    }

    private mutating func readScoredMembers(_ limits: EncodingLimits) throws(RDBError) -> SortedSetValue {
        var builder = SortedSetBuilder()
        for _ in 0..<(try readLength()) {
            let member = try readText()
            let score = try readScore()
            guard builder.insert(member.bytes, score: score) else { throw .badCollection }
        }
        guard builder.count > 0 else { throw .badCollection }
        return builder.finish(limits)
    }

    private mutating func readScore() throws(RDBError) -> Double {
        let length = try readByte()
        switch length {
        case ScoreMark.infinity: return .infinity
        case ScoreMark.negativeInfinity: return -.infinity
        case ScoreMark.notANumber: throw .badCollection
        default:
            let text = try take(Int(length))
            guard length > 0, text.firstIndex(of: 0) == nil, let score = Double(score: text) else {
                throw .badCollection
            }
            return score
        }
    }
}
