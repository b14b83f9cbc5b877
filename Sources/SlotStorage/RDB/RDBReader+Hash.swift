internal import Memory

extension RDBReader {
    /// A hash in its compact form. Redis looks at the number of fields only, not at their lengths. O(n).
    mutating func readZiplistHash(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        guard CompactList.isValid(text.bytes) else { throw .badZiplist }
        var hash = try checkedHash(CompactList.make(copying: text.bytes))
        if hash.count > limits.hashMaxZiplistEntries { hash.becomeTable() }
        return hash.value
    }

    /// A small hash of Redis 2.4 and before. O(n).
    mutating func readZipmap(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        var zipmap = Zipmap(text.bytes)
        var hash = HashValue.empty()
        do throws(RDBError) {
            while let (field, value) = try zipmap.next() {
                try hash.add(text.bytes.extracting(field), text.bytes.extracting(value), limits)
            }
            try hash.check()
        } catch {
            hash.free()
            throw error
        }
        return hash.value
    }

    /// A small hash of Redis 7. O(n).
    mutating func readListpackHash(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        var listpack = try Listpack(text.bytes)
        var longest = 0
        let list = try listpack.convert { longest = max(longest, $1.length) }
        var hash = try checkedHash(list)
        if hash.count > limits.hashMaxZiplistEntries || longest > limits.hashMaxZiplistValue { hash.becomeTable() }
        return hash.value
    }

    /// The hash that a compact list is, if it is one.
    private func checkedHash(_ list: CompactList) throws(RDBError) -> HashValue {
        let hash = HashValue(encoding: .compactList, payload: list.payload)
        do throws(RDBError) {
            guard list.count % 2 == 0 else { throw .unpairedElement }
            try hash.check()
        } catch {
            hash.free()
            throw error
        }
        return hash
    }
}

extension HashValue {
    /// Adds a field that is read from outside. A table finds out at once that it is there already; a compact hash is
    /// looked through at the end, or when it becomes a table.
    mutating func add(_ field: RawSpan, _ value: RawSpan, _ limits: EncodingLimits) throws(RDBError) {
        if encoding == .compactList {
            let isTooLong = max(field.byteCount, value.byteCount) > limits.hashMaxZiplistValue
            if isTooLong || count >= limits.hashMaxZiplistEntries
                || !list.hasRoom(for: field.byteCount + value.byteCount + 32)
            {
                try checkDistinctFields()
                becomeTable()
            }
        }
        if encoding == .table {
            guard set(field, value, limits) else { throw .repeatedMember }
        } else {
            var list = self.list
            list.append(field)
            list.append(value)
            payload = list.payload
        }
    }

    /// Whether the hash may be a key's value: it has fields, and none of them twice.
    func check() throws(RDBError) {
        guard count > 0 else { throw .emptyCollection }
        try checkDistinctFields()
    }

    private func checkDistinctFields() throws(RDBError) {
        if encoding == .compactList, !list.hasDistinctFields { throw .repeatedMember }
    }
}

extension CompactList {
    /// Whether no two of the fields, which are every other entry, are the same. O(n) expected.
    var hasDistinctFields: Bool {
        // Positions by the hash of their field, in a table that is half full at most.
        let capacity = 1 << (Int.bitWidth - count.leadingZeroBitCount)
        return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: capacity) { positions in
            unsafe positions.initialize(repeating: 0)
            var next = first
            while let position = next {
                let isNew = withBytes(at: position) { field in
                    var place = Int(truncatingIfNeeded: Hashing.hash(field)) & (capacity - 1)
                    while unsafe positions[place] != 0 {
                        if unsafe equals(at: Int(positions[place]), field) { return false }
                        place = (place + 1) & (capacity - 1)
                    }
                    // Within a list of at most `largestSize`.
                    unsafe positions[place] = UInt32(position)
                    return true
                }
                guard isNew else { return false }
                next = self.next(after: position).flatMap { self.next(after: $0) }
            }
            return true
        }
    }
}
