public import Memory

extension Entry {
    /// Lets `body` see the text of a string value, whatever its encoding. Allocates nothing.
    @inlinable
    @inline(__always)
    public func withString<Result: ~Copyable>(_ body: (RawSpan) -> Result) -> Result {
        guard encoding == .integer else { return body(bytes) }
        var digits: [20 of UInt8] = .init(repeating: 0)
        let start = integer.writeDecimal(into: &digits)
        // Bytes have no padding that could be seen.
        return unsafe body(digits.span.bytes.extracting(start..<20))
    }
}
