internal import Memory

extension RDBWriter {
    /// The type byte and the hash: the compact form as one string, a table as pairs of strings. O(n).
    mutating func write(_ hash: HashValue) {
        if hash.encoding == .compactList {
            output.append(RDBType.hashZiplist.rawValue)
            return writeString(hash.list.bytes)
        }
        output.append(RDBType.hash.rawValue)
        writeLength(hash.count)
        hash.forEach { field, value in
            writeString(field)
            writeString(value)
        }
    }
}
