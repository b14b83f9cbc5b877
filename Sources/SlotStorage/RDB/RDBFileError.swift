/// What is wrong with an RDB file, and where.
public struct RDBFileError: Error, Equatable {
    /// Where what is wrong begins, from the start of the file.
    public let offset: Int
    public let cause: RDBError
    /// The key it belongs to, if any, and its database.
    public let key: [UInt8]?
    public let database: Int
}

extension RDBFileError: CustomStringConvertible {
    /// Such as `at byte 1234, in key 'name' of database 0: the same member or field twice`.
    public var description: String {
        guard let key else { return "at byte \(offset): \(cause)" }
        return "at byte \(offset), in key '\(Self.printable(key))' of database \(database): \(cause)"
    }

    /// The key with what is not printable ASCII escaped, and no more than its beginning.
    private static func printable(_ key: [UInt8]) -> String {
        var text = ""
        for byte in key.prefix(128) {
            if byte >= 32, byte < 127 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return key.count > 128 ? text + "..." : text
    }
}
