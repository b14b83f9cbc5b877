internal import Memory

extension RDBReader {
    /// A set in one of the forms that RDB has for it. No member may come twice, and there must be one. O(n).
    mutating func readSet(_ type: RDBType, limits: EncodingLimits) throws(RDBError) -> Value {
        let set = type == .setIntset ? try readIntegerSet(limits) : try readMembers(limits)
        if set.count > 0 { return set.value }
        set.free()
        throw .badCollection
    }

    private mutating func readIntegerSet(_ limits: EncodingLimits) throws(RDBError) -> SetValue {
        let text = try readText()
        guard IntegerSet.isValid(text.bytes) else { throw .badCollection }
        let integers = IntegerSet.make(copying: text.bytes)
        var set = SetValue(encoding: .integerSet, payload: integers.payload)
        if integers.count > limits.setMaxIntsetEntries { set.becomeTable() }
        return set
    }

    private mutating func readMembers(_ limits: EncodingLimits) throws(RDBError) -> SetValue {
        let count = try readLength()
        var set = SetValue.empty()
        if count > limits.setMaxIntsetEntries { set.becomeTable() }
        do throws(RDBError) {
            for _ in 0..<count {
                let member = try readText()
                guard set.insert(member.bytes, limits) else { throw .badCollection }
            }
        } catch {
            set.free()
            throw error
        }
        return set
    }
}
