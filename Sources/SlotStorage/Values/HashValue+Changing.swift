internal import Memory

extension HashValue {
    /// Gives a field a value; `true` when the field is new. O(1) expected for a table.
    ///
    /// A field or value that is too long for the compact form, or a field too many, makes the hash a table.
    @discardableResult
    public mutating func set(_ field: RawSpan, _ value: RawSpan, _ limits: EncodingLimits) -> Bool {
        fit(field, limits)
        fit(value, limits)
        return store(field, value, limits)
    }

    /// Makes the hash a table where `text` is too long for a field or value of the compact form.
    public mutating func fit(_ text: RawSpan, _ limits: EncodingLimits) {
        if encoding == .compactList, text.byteCount > limits.hashMaxZiplistValue { becomeTable() }
    }

    /// As ``set(_:_:_:)``, without a look at the lengths: so Redis stores the results of HINCRBY and HINCRBYFLOAT.
    @discardableResult
    public mutating func store(_ field: RawSpan, _ value: RawSpan, _ limits: EncodingLimits) -> Bool {
        // Room for both with what surrounds them: the list's own limit, far beyond any sensible one.
        if encoding == .compactList, !list.hasRoom(for: field.byteCount + value.byteCount + 32) { becomeTable() }
        if encoding != .compactList { return storeInTable(field, value) }
        var list = self.list
        defer { if encoding == .compactList { payload = list.payload } }
        if let position = position(of: field) {
            list.replace(at: valuePosition(behind: position), with: value)
            return false
        }
        list.append(field)
        list.append(value)
        if list.count / 2 > limits.hashMaxZiplistEntries {
            payload = list.payload
            becomeTable()
        }
        return true
    }

    /// Stores the digits of a number.
    public mutating func store(_ field: RawSpan, _ number: Int64, _ limits: EncodingLimits) {
        number.withDigits { _ = store(field, $0, limits) }
    }

    private func storeInTable(_ field: RawSpan, _ value: RawSpan) -> Bool {
        let hash = Hashing.hash(field)
        guard let word = unsafe word(of: field, hash) else {
            unsafe block.table.insert(FieldRecord.make(field, value).base, hash: hash)
            return true
        }
        let record = unsafe FieldRecord(Word.address(word.pointee))
        let new = record.replacingValue(with: value)
        if unsafe new.base != record.base { unsafe block.table.replace(word, with: new.base, marked: false) }
        return false
    }

    /// Removes a field with its value; `false` when there is no such field.
    @discardableResult
    public mutating func remove(_ field: RawSpan) -> Bool {
        if encoding == .compactList {
            guard let position = position(of: field) else { return false }
            var list = self.list
            // One after the other, so that the bytes stay those that Redis would have.
            list.remove(at: position)
            list.remove(at: position)
            payload = list.payload
        } else {
            let hash = Hashing.hash(field)
            guard let word = unsafe word(of: field, hash) else { return false }
            let record = unsafe FieldRecord(Word.address(word.pointee))
            unsafe block.table.remove(word, hash: hash)
            record.free()
        }
        return true
    }

    /// Turns a compact hash, whose fields must be distinct, into a table. O(n).
    mutating func becomeTable() {
        let new = TableBlock<FieldRecord>.make()
        forEach { field, value in
            unsafe new.table.insert(FieldRecord.make(field, value).base, hash: Hashing.hash(field))
        }
        list.free()
        (encoding, payload) = (.table, new.payload)
    }
}
