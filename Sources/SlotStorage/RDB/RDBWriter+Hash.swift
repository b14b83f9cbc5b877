internal import Memory

extension HashValue {
    /// The type byte before the hash.
    var rdbType: RDBType { encoding == .compactList ? .hashZiplist : .hash }
}

extension RDBWriter {
    /// The type byte and the hash.
    mutating func write(_ hash: HashValue) {
        output.append(hash.rdbType.rawValue)
        writeValue(hash)
    }

    /// The compact form as one string, a table as pairs of strings. O(n).
    mutating func writeValue(_ hash: HashValue) {
        if hash.encoding == .compactList { return writeString(hash.list.bytes) }
        writeLength(hash.count)
        hash.forEach { field, value in
            writeString(field)
            writeString(value)
        }
    }
}
