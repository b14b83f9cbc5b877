internal import Memory

extension SetValue {
    /// Adds a member; `false` when it is there already. O(1) expected for a table.
    @discardableResult
    public mutating func insert(_ member: RawSpan, _ limits: EncodingLimits) -> Bool {
        let number = Self.integer(in: member)
        if encoding == .integerSet {
            if let number { return insertIntoIntegers(number, limits) }
            becomeTable()
        }
        return insertIntoTable(member, number)
    }

    /// Adds a copy of a member of another set.
    @discardableResult
    public mutating func insert(_ member: SetMember, _ limits: EncodingLimits) -> Bool {
        guard let number = member.integer else { return insert(member.bytes, limits) }
        if encoding == .integerSet { return insertIntoIntegers(number, limits) }
        return number.withDigits { insertIntoTable($0, number) }
    }

    private mutating func insertIntoIntegers(_ number: Int64, _ limits: EncodingLimits) -> Bool {
        var integers = self.integers
        guard integers.insert(number) else { return false }
        payload = integers.payload
        if integers.count > limits.setMaxIntsetEntries { becomeTable() }
        return true
    }

    private func insertIntoTable(_ member: RawSpan, _ number: Int64?) -> Bool {
        if let number, let word = MemberWord(integer: number) {
            let hash = MemberWord.hash(number)
            guard unsafe find(word, hash) == nil else { return false }
            unsafe block.table.insert(word.address, hash: hash)
        } else {
            let hash = Hashing.hash(member)
            guard unsafe find(member, hash) == nil else { return false }
            unsafe block.table.insert(MemberWord.make(copying: member).address, hash: hash)
        }
        return true
    }

    /// Removes a member; `false` when it is not there. O(1) expected for a table.
    @discardableResult
    public mutating func remove(_ member: RawSpan) -> Bool {
        let number = Self.integer(in: member)
        if encoding == .integerSet { return number.map { removeFromIntegers($0) } ?? false }
        let hash = Self.hash(member, number)
        guard let place = unsafe find(member, number, hash) else { return false }
        let word = unsafe MemberWord(Word.address(place.pointee))
        unsafe block.table.remove(place, hash: hash)
        word.free()
        return true
    }

    /// Removes a member of any set, which may be one of this set itself: then the view is no longer valid.
    @discardableResult
    public mutating func remove(_ member: SetMember) -> Bool {
        guard let number = member.integer else { return remove(member.bytes) }
        if encoding == .integerSet { return removeFromIntegers(number) }
        return number.withDigits { remove($0) }
    }

    private mutating func removeFromIntegers(_ number: Int64) -> Bool {
        var integers = self.integers
        guard integers.remove(number) else { return false }
        payload = integers.payload
        return true
    }

    /// Turns a set of integers into a table. O(n).
    mutating func becomeTable() {
        let integers = self.integers
        (encoding, payload) = (.table, TableBlock<MemberWord>.make().payload)
        for index in 0..<integers.count {
            let number = integers[index]
            _ = number.withDigits { insertIntoTable($0, number) }
        }
        integers.free()
    }
}
