internal import Memory

extension RDBWriter {
    /// The type byte and the list: the compact form as one string, chunks as so many strings. O(n).
    mutating func write(_ list: ListValue) {
        if list.isCompact {
            output.append(RDBType.listZiplist.rawValue)
            return writeString(list.compact.bytes)
        }
        output.append(RDBType.list.rawValue)
        writeLength(list.count)
        list.forEach { writeString($0) }
    }
}
