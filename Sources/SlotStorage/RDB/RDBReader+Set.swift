internal import Memory

extension RDBReader {
    /// A set of integers in order. O(n).
    mutating func readIntset(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        guard IntegerSet.isValid(text.bytes) else { throw .badIntset }
        let integers = IntegerSet.make(copying: text.bytes)
        var set = SetValue(encoding: .integerSet, payload: integers.payload)
        guard integers.count > 0 else {
            set.free()
            throw .emptyCollection
        }
        if integers.count > limits.setMaxIntsetEntries { set.becomeTable() }
        return set.value
    }

    /// A small set of Redis 7.2. O(n).
    mutating func readListpackSet(_ limits: EncodingLimits) throws(RDBError) -> Value {
        let text = try readText()
        var listpack = try Listpack(text.bytes)
        var set = SetValue.empty()
        do throws(RDBError) {
            while let member = try listpack.next() {
                let isNew = listpack.withText(of: member) { set.insert($0, limits) }
                guard isNew else { throw .repeatedMember }
            }
            guard set.count > 0 else { throw .emptyCollection }
        } catch {
            set.free()
            throw error
        }
        return set.value
    }
}
