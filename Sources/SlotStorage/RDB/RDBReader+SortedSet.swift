internal import Memory

extension RDBReader {
    /// A sorted set in its compact form. Redis looks at the number of members only, not at their lengths. O(n).
    mutating func readZiplistSortedSet(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        guard CompactList.isValid(text.bytes) else { throw .badZiplist }
        var set = try checkedSortedSet(CompactList.make(copying: text.bytes))
        if set.count > limits.zsetMaxZiplistEntries { set.becomeTree() }
        return set.value
    }

    /// A small sorted set of Redis 7. O(n).
    mutating func readListpackSortedSet(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        var listpack = try Listpack(text.bytes)
        var longestMember = 0
        let list = try listpack.convert { number, element in
            if number % 2 == 0 { longestMember = max(longestMember, element.stringLength) }
        }
        var set = try checkedSortedSet(list)
        if set.count > limits.zsetMaxZiplistEntries || longestMember > limits.zsetMaxZiplistValue { set.becomeTree() }
        return set.value
    }

    /// The sorted set that a compact list is, if it is one.
    private func checkedSortedSet(_ list: CompactList) throws(RDBError) -> SortedSetValue {
        let compact = CompactSortedSet(list)
        do throws(RDBError) {
            guard !list.isEmpty else { throw .emptyCollection }
            try compact.check()
        } catch {
            list.free()
            throw error
        }
        return SortedSetValue(compact)
    }

    /// A score as text, its length before it, or one of the lengths that stand for a score.
    mutating func readTextScore() throws(RDBError) -> Double {
        let length = try readByte()
        switch length {
        case ScoreMark.infinity: return .infinity
        case ScoreMark.negativeInfinity: return -.infinity
        case ScoreMark.notANumber: throw .badScore
        default:
            guard let score = Double(rdbScore: try take(Int(length))) else { throw .badScore }
            return score
        }
    }

    mutating func readBinaryScore() throws(RDBError) -> Double {
        let score = Double(bitPattern: try readLittleEndian(8))
        guard !score.isNaN else { throw .badScore }
        return score
    }
}

extension Double {
    /// The score that a text in a file spells, which is never empty.
    init?(rdbScore text: RawSpan) {
        guard text.byteCount > 0, text.firstIndex(of: 0) == nil else { return nil }
        self.init(score: text)
    }
}
