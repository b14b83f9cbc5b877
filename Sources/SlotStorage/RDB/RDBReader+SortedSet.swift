internal import Memory

extension RDBReader {
    /// A sorted set in its compact form. Redis looks at the number of members only, not at their lengths. O(n).
    mutating func readZiplistSortedSet(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        guard CompactList.isValid(text.bytes) else { throw .badZiplist }
        let compact = CompactSortedSet(CompactList.make(copying: text.bytes))
        do throws(RDBError) {
            guard !compact.list.isEmpty else { throw .emptyCollection }
            try compact.check()
        } catch {
            compact.list.free()
            throw error
        }
        var set = SortedSetValue(compact)
        if set.count > limits.zsetMaxZiplistEntries { set.becomeTree() }
        return set.value
    }

    /// A small sorted set of Redis 7. O(n log n).
    mutating func readListpackSortedSet(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        var listpack = try Listpack(text.bytes)
        var builder = SortedSetBuilder()
        while let member = try listpack.next() {
            guard let number = try listpack.next() else { throw .unpairedElement }
            guard let score = listpack.withText(of: number, { Double(rdbScore: $0) }) else { throw .badScore }
            let isNew = listpack.withText(of: member) { builder.insert($0, score: score) }
            guard isNew else { throw .repeatedMember }
        }
        guard builder.count > 0 else { throw .emptyCollection }
        return builder.finish(limits).value
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
