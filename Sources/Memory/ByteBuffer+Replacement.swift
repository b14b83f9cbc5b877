/// Replacing bytes in the middle.
extension ByteBuffer {
    /// Puts `bytes` in the place of those in `range`; what follows moves. O(bytes behind the range).
    public mutating func replace(_ range: Range<Int>, with bytes: RawSpan) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "replacing more than there is")
        let tail = count - range.upperBound
        let newCount = count - range.count + bytes.byteCount
        if newCount > count { reserve(newCount - count) }
        guard let base = unsafe base else { return }
        let newEnd = range.lowerBound + bytes.byteCount
        if tail > 0, newEnd != range.upperBound {
            unsafe (base + newEnd).copyMemory(from: base + range.upperBound, byteCount: tail)
        }
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + range.lowerBound).copyMemory(from: start, byteCount: source.count)
        }
        count = newCount
    }
}
