internal import Memory

extension RDBWriter {
    /// The type byte and the set: sorted integers as one string, a table as strings. O(n).
    mutating func write(_ set: SetValue) {
        if set.encoding == .integerSet {
            output.append(RDBType.setIntset.rawValue)
            return writeString(set.integers.bytes)
        }
        output.append(RDBType.set.rawValue)
        writeLength(set.count)
        set.forEach { member in
            if let number = member.integer { writeString(number) } else { writeString(member.bytes) }
        }
    }
}
