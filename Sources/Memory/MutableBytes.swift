/// Changing a run of bytes in place.
extension MutableRawSpan {
    /// The byte at `index`; traps outside the view.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < byteCount, "byte index out of range")
            return unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
        }
        mutating set {
            precondition(index >= 0 && index < byteCount, "byte index out of range")
            unsafe storeBytes(of: newValue, toUncheckedByteOffset: index, as: UInt8.self)
        }
    }

    /// Writes `source` over the bytes from `offset` on; traps when it does not fit. O(length of `source`).
    public mutating func replaceBytes(from offset: Int, with source: RawSpan) {
        precondition(offset >= 0 && offset <= byteCount - source.byteCount, "bytes out of range")
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress, let base = target.baseAddress else { return }
                unsafe (base + offset).copyMemory(from: start, byteCount: bytes.count)
            }
        }
    }

    /// Makes the bytes from `offset` to the end zero. O(n).
    public mutating func clear(from offset: Int) {
        precondition(offset >= 0 && offset <= byteCount, "bytes out of range")
        unsafe withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { return }
            unsafe (base + offset).initializeMemory(as: UInt8.self, repeating: 0, count: target.count - offset)
        }
    }
}
