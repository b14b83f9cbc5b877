internal import Memory

extension ListValue {
    /// The type byte before the list.
    var rdbType: RDBType { isCompact ? .listZiplist : .list }
}

extension RDBWriter {
    /// The type byte and the list.
    mutating func write(_ list: ListValue) {
        output.append(list.rdbType.rawValue)
        writeValue(list)
    }

    /// The compact form as one string, chunks as so many strings. O(n).
    mutating func writeValue(_ list: ListValue) {
        if list.isCompact { return writeString(list.compact.bytes) }
        writeLength(list.count)
        list.forEach { writeString($0) }
    }
}
