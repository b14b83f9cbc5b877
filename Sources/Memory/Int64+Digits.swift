extension Int64 {
    /// Lets `body` see the decimal digits, which lie on the stack.
    @inlinable
    @inline(__always)
    public func withDigits<Result: ~Copyable>(_ body: (RawSpan) -> Result) -> Result {
        var digits: [20 of UInt8] = .init(repeating: 0)
        let start = writeDecimal(into: &digits)
        // Bytes have no padding that could be seen.
        return unsafe body(digits.span.bytes.extracting(start..<20))
    }
}
