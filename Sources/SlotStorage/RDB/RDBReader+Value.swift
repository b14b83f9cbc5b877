extension RDBReader {
    /// The type byte and the value behind it.
    public mutating func readTypeAndValue(limits: EncodingLimits) throws(RDBError) -> Value {
        try readValue(try readType(), limits: limits)
    }

    mutating func readType() throws(RDBError) -> RDBType { try RDBType(try readByte(), version: version) }

    public mutating func readValue(_ type: RDBType, limits: EncodingLimits) throws(RDBError) -> Value {
        guard type.isCounted else { return try readWhole(type, limits: limits) }
        var collection = RDBCollection(type, count: try readLength(), limits: limits)
        try collection.read(from: &self, atMost: .max)
        return try collection.finish()
    }

    /// A value that is one string: of any type but the counted ones.
    mutating func readWhole(_ type: RDBType, limits: EncodingLimits) throws(RDBError) -> Value {
        switch type {
        case .string: return try readString()
        case .hashZipmap: return try readZipmap(limits)
        case .hashZiplist: return try readZiplistHash(limits)
        case .hashListpack: return try readListpackHash(limits)
        case .listZiplist: return try readZiplist(limits)
        case .setIntset: return try readIntset(limits)
        case .setListpack: return try readListpackSet(limits)
        case .sortedSetZiplist: return try readZiplistSortedSet(limits)
        case .sortedSetListpack: return try readListpackSortedSet(limits)
        case .list, .set, .sortedSet, .sortedSet2, .hash, .listQuicklist, .listQuicklist2:
            preconditionFailure("a collection of parts is read part by part")
        }
    }
}

extension RDBType {
    /// Whether a count and so many parts make up the value, and not one string.
    var isCounted: Bool {
        switch self {
        case .list, .set, .sortedSet, .sortedSet2, .hash, .listQuicklist, .listQuicklist2: true
        case .string, .hashZipmap, .listZiplist, .setIntset, .sortedSetZiplist, .hashZiplist, .hashListpack,
            .sortedSetListpack, .setListpack:
            false
        }
    }
}
