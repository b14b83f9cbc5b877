internal import Memory

extension RDBReader {
    /// A hash in one of the forms that RDB has for it. No field may come twice, and there must be one. O(n).
    mutating func readHash(_ type: RDBType, limits: EncodingLimits) throws(RDBError) -> Value {
        let hash =
            switch type {
            case .hashZiplist: try readCompactHash(limits)
            case .hashZipmap: try readZipmap(limits)
            default: try readFields(limits)
            }
        if hash.count > 0 { return hash.value }
        hash.free()
        throw .badCollection
    }

    private mutating func readCompactHash(_ limits: EncodingLimits) throws(RDBError) -> HashValue {
        let text = try readText()
        guard CompactList.isValid(text.bytes) else { throw .badCollection }
        let list = CompactList.make(copying: text.bytes)
        guard list.count % 2 == 0, list.hasDistinctFields else {
            list.free()
            throw .badCollection
        }
        var hash = HashValue(encoding: .compactList, payload: list.payload)
        if hash.count > limits.hashMaxZiplistEntries { hash.becomeTable() }
        return hash
    }

    private mutating func readFields(_ limits: EncodingLimits) throws(RDBError) -> HashValue {
        let count = try readLength()
        var hash = HashValue.empty()
        if count > limits.hashMaxZiplistEntries { hash.becomeTable() }
        do throws(RDBError) {
            for _ in 0..<count {
                let field = try readText()
                let value = try readText()
                try hash.add(field.bytes, value.bytes, limits)
            }
            try hash.checkDistinctFields()
        } catch {
            hash.free()
            throw error
        }
        return hash
    }

    private mutating func readZipmap(_ limits: EncodingLimits) throws(RDBError) -> HashValue {
        let text = try readText()
        var zipmap = Zipmap(text.bytes)
        var hash = HashValue.empty()
        do throws(RDBError) {
            while let (field, value) = try zipmap.next() {
                try hash.add(text.bytes.extracting(field), text.bytes.extracting(value), limits)
            }
            try hash.checkDistinctFields()
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
    fileprivate mutating func add(_ field: RawSpan, _ value: RawSpan, _ limits: EncodingLimits) throws(RDBError) {
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
            guard set(field, value, limits) else { throw .badCollection }
        } else {
            var list = self.list
            list.append(field)
            list.append(value)
            payload = list.payload
        }
    }

    fileprivate func checkDistinctFields() throws(RDBError) {
        if encoding == .compactList, !list.hasDistinctFields { throw .badCollection }
    }
}

extension CompactList {
    /// Whether no two of the fields, which are every other entry, are the same. O(n) expected.
    var hasDistinctFields: Bool {
        // Positions by the hash of their field, in a table that is half full at most.
        let capacity = 1 << (Int.bitWidth - count.leadingZeroBitCount)
        var positions = [Position](repeating: 0, count: capacity)
        var next = first
        while let position = next {
            let isNew = withBytes(at: position) { field in
                var place = Int(truncatingIfNeeded: Hashing.hash(field)) & (capacity - 1)
                while positions[place] != 0 {
                    if equals(at: positions[place], field) { return false }
                    place = (place + 1) & (capacity - 1)
                }
                positions[place] = position
                return true
            }
            guard isNew else { return false }
            next = self.next(after: position).flatMap { self.next(after: $0) }
        }
        return true
    }
}
