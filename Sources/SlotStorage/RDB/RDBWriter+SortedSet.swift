internal import Memory

extension SortedSetValue {
    /// The type byte before the sorted set.
    var rdbType: RDBType { isCompact ? .sortedSetZiplist : .sortedSet }
}

extension RDBWriter {
    /// The type byte and the sorted set.
    mutating func write(_ set: SortedSetValue) {
        output.append(set.rdbType.rawValue)
        writeValue(set)
    }

    /// The compact form as one string, a tree as members and scores. O(n).
    ///
    /// The highest score comes first: Redis inserts one after the other, and finds the place at the front in O(1).
    mutating func writeValue(_ set: SortedSetValue) {
        if set.isCompact { return writeString(set.compact.list.bytes) }
        writeLength(set.count)
        set.forEach(in: 0..<set.count, reversed: true) { member, score in
            writeString(member)
            writeScore(score)
        }
    }

    /// A score: a byte with the length of its text and the text, or a byte that stands for an infinite one.
    mutating func writeScore(_ score: Double) {
        if score.isInfinite { return output.append(score > 0 ? ScoreMark.infinity : ScoreMark.negativeInfinity) }
        score.withScoreText { text in
            output.append(UInt8(text.byteCount))
            output.append(text)
        }
    }
}

/// Bytes that stand for scores without text.
enum ScoreMark {
    static let notANumber: UInt8 = 253
    static let infinity: UInt8 = 254
    static let negativeInfinity: UInt8 = 255
}
