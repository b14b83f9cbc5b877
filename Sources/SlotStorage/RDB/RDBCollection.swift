internal import Memory

/// A collection that RDB has as a count and so many parts, while it is put together from these: elements, members with
/// or without scores, fields with values, nodes of a quicklist.
///
/// It can be read in pieces as its bytes come, and owns what it has until ``finish()``. No memory is taken because of
/// the count.
struct RDBCollection: ~Copyable {
    private let type: RDBType
    private let limits: EncodingLimits
    /// Parts that are still to be read.
    private(set) var remaining: Int
    /// What there is so far; the members of a sorted set are in the builder as long as there is one.
    private var value: Value
    private var builder: SortedSetBuilder?
    private var isOwned = true

    /// Members that are put in order in one go. More are only collected if they come in order; else they go into the
    /// tree one by one, so that nobody has to wait for a long sort.
    private static var longestSort: Int { 1 << 14 }

    init(_ type: RDBType, count: Int, limits: EncodingLimits) {
        self.type = type
        self.limits = limits
        remaining = count
        switch type {
        case .hash:
            var hash = HashValue.empty()
            if count > limits.hashMaxZiplistEntries { hash.becomeTable() }
            value = hash.value
        case .set:
            var set = SetValue.empty()
            if count > limits.setMaxIntsetEntries { set.becomeTable() }
            value = set.value
        case .sortedSet, .sortedSet2:
            value = Value(integer: 0)
            builder = SortedSetBuilder()
        case .list, .listQuicklist, .listQuicklist2:
            var list = ListValue.empty()
            if type == .list, count > limits.listMaxZiplistEntries { list.becomeChunks() }
            value = list.value
        default: preconditionFailure("a value that is one string")
        }
    }

    deinit { if isOwned { value.free() } }

    /// Reads up to so many parts, and tells the reader what was taken.
    mutating func read(from reader: inout RDBReader, atMost parts: Int) throws(RDBError) {
        for _ in 0..<min(parts, remaining) {
            switch type {
            case .hash: try readField(from: &reader)
            case .set: try readMember(from: &reader)
            case .sortedSet, .sortedSet2: try readScoredMember(from: &reader)
            case .listQuicklist, .listQuicklist2: try readNode(from: &reader)
            default: try readElement(from: &reader)
            }
            reader.take()
            remaining -= 1
        }
    }

    /// The whole collection, which is the caller's then. To be called once, when nothing remains.
    mutating func finish() throws(RDBError) -> Value {
        precondition(remaining == 0 && isOwned, "not the end of a collection")
        if let builder = builder.take() { value = builder.finish(limits).value }
        switch value.type {
        case .hash: try HashValue(value).check()
        case .set: guard SetValue(value).count > 0 else { throw .emptyCollection }
        case .list: guard ListValue(value).count > 0 else { throw .emptyCollection }
        default: guard SortedSetValue(value).count > 0 else { throw .emptyCollection }
        }
        isOwned = false
        return value
    }

    // MARK: Parts

    private mutating func readField(from reader: inout RDBReader) throws(RDBError) {
        let field = try reader.readText()
        let content = try reader.readText()
        var hash = HashValue(value)
        defer { value = hash.value }
        try hash.add(field.bytes, content.bytes, limits)
    }

    private mutating func readMember(from reader: inout RDBReader) throws(RDBError) {
        let member = try reader.readText()
        var set = SetValue(value)
        defer { value = set.value }
        guard set.insert(member.bytes, limits) else { throw .repeatedMember }
    }

    private mutating func readScoredMember(from reader: inout RDBReader) throws(RDBError) {
        let member = try reader.readText()
        let score = type == .sortedSet ? try reader.readTextScore() : try reader.readBinaryScore()
        guard builder != nil else { return try insert(member.bytes, score) }
        guard builder?.insert(member.bytes, score: score) == true else { throw .repeatedMember }
        if let collected = builder?.count, collected >= Self.longestSort, builder?.isInOrder == false,
            let builder = builder.take()
        {
            value = builder.finish(limits).value
        }
    }

    private mutating func insert(_ member: RawSpan, _ score: Double) throws(RDBError) {
        var set = SortedSetValue(value)
        defer { value = set.value }
        let change = set.update(member, limits) { old in old == nil ? score : nil }
        guard change == .added else { throw .repeatedMember }
    }

    private mutating func readElement(from reader: inout RDBReader) throws(RDBError) {
        let element = try reader.readText()
        guard CompactList.canHold(element.bytes) else { throw .elementTooLong }
        var list = ListValue(value)
        list.push(element.bytes, to: .tail, limits)
        value = list.value
    }

    private mutating func readNode(from reader: inout RDBReader) throws(RDBError) {
        let isPlain = type == .listQuicklist2 ? try reader.readIsPlainNode() : false
        if isPlain { return try readElement(from: &reader) }
        let node = try reader.readText()
        var list = ListValue(value)
        defer { value = list.value }
        if type == .listQuicklist {
            try list.append(ziplist: node.bytes, limits)
        } else {
            try list.append(listpack: node.bytes, limits)
        }
    }
}
