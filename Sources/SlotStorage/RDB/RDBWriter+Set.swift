internal import Memory

extension SetValue {
    /// The type byte before the set.
    var rdbType: RDBType { encoding == .integerSet ? .setIntset : .set }
}

extension RDBWriter {
    /// The type byte and the set.
    mutating func write(_ set: SetValue) {
        output.append(set.rdbType.rawValue)
        writeValue(set)
    }

    /// Sorted integers as one string, a table as strings. O(n).
    mutating func writeValue(_ set: SetValue) {
        if set.encoding == .integerSet { return writeString(set.integers.bytes) }
        writeLength(set.count)
        set.forEach { writeMember($0) }
    }

    mutating func writeMember(_ member: SetMember) {
        if let number = member.integer { writeString(number) } else { writeString(member.bytes) }
    }
}
