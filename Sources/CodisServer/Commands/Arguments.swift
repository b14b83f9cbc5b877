import Memory

/// Numbers from arguments, with the error that Redis gives for others.
extension RawSpan {
    /// A 64-bit integer in canonical form.
    @inline(__always)
    func integer(orThrow error: CommandError = .notAnInteger) throws(CommandError) -> Int64 {
        guard let value = Int64(canonical: self) else { throw error }
        return value
    }

    /// An integer that fits 32 bits, by the stricter rule of codis-server 3.2 (specification, quirk Q14).
    func integer32() throws(CommandError) -> Int {
        guard let value = Int32(exactly: try integer()) else { throw .outOfRange32 }
        return Int(value)
    }
}
