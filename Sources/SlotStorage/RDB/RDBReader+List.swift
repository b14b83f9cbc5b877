internal import Memory

extension RDBReader {
    /// A list in its compact form. Redis looks at the number of elements only, not at their lengths. O(n).
    mutating func readZiplist(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        guard CompactList.isValid(text.bytes) else { throw .badZiplist }
        let compact = CompactList.make(copying: text.bytes)
        var list = ListValue(encoding: .compactList, payload: compact.payload)
        guard !compact.isEmpty else {
            list.free()
            throw .emptyCollection
        }
        if list.count > limits.listMaxZiplistEntries { list.becomeChunks() }
        return list.value
    }

    /// What a node of a `listQuicklist2` is: one element by itself, or a listpack.
    mutating func readIsPlainNode() throws(RDBError) -> Bool {
        switch try readLength() {
        case 1: return true
        case 2: return false
        default: throw .badQuicklist
        }
    }
}

extension ListValue {
    /// Adds the elements of a node of a quicklist of Redis 3.2, which is never empty. O(n).
    mutating func append(ziplist bytes: RawSpan, _ limits: EncodingLimits) throws(RDBError) {
        guard CompactList.isValid(bytes) else { throw .badZiplist }
        try append(CompactList.make(copying: bytes), limits)
    }

    /// Adds the elements of a node of a quicklist of Redis 7, which is never empty. O(n).
    mutating func append(listpack bytes: RawSpan, _ limits: EncodingLimits) throws(RDBError) {
        var listpack = try Listpack(bytes)
        try append(try listpack.convert { _, _ in }, limits)
    }

    /// Adds the elements of `part`, which is the list's then.
    private mutating func append(_ part: CompactList, _ limits: EncodingLimits) throws(RDBError) {
        guard !part.isEmpty else {
            part.free()
            throw .emptyCollection
        }
        if isCompact, compact.isEmpty, part.count <= limits.listMaxZiplistEntries,
            part.longestString <= limits.listMaxZiplistValue
        {
            compact.free()
            compact = part
        } else if !isCompact, ListChunk.isFilled(by: part) {
            // A node that makes a good chunk becomes one.
            chunks.append(part)
        } else {
            part.forEach { push($0, to: .tail, limits) }
            part.free()
        }
    }
}

extension CompactList {
    /// Bytes of the longest entry that is no integer. O(n).
    fileprivate var longestString: Int {
        var longest = 0
        var position = Self.headerSize
        while position < end {
            let entry = entry(at: position)
            if !entry.isInteger { longest = max(longest, entry.contentSize) }
            position = entry.end
        }
        return longest
    }
}

extension ListChunk {
    /// Whether a list that another server has put together is as full as a chunk may be, and at least half as full.
    fileprivate static func isFilled(by list: CompactList) -> Bool {
        let (size, count) = (list.byteCount, list.count)
        return size <= byteLimit && count <= elementLimit && (2 * size >= byteLimit || 2 * count >= elementLimit)
    }
}
