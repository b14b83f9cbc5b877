import CLinux
import Memory

extension RawSpan {
    /// Where `part` begins for the first time. O(n), whatever the bytes (glibc's two-way search).
    func firstOccurrence(of part: RawSpan) -> Int? {
        unsafe withUnsafeBytes { text in
            unsafe part.withUnsafeBytes { part in
                guard part.count > 0 else { return 0 }
                guard let start = text.baseAddress,
                    let found = unsafe memmem(start, text.count, part.baseAddress, part.count)
                else { return nil }
                return unsafe UnsafeRawPointer(found) - start
            }
        }
    }
}

extension ByteBuffer {
    /// Appends the same bytes `count` times. O(length of all).
    mutating func append(_ bytes: RawSpan, times count: Int) {
        guard bytes.byteCount > 0 else { return }
        reserveExactly(bytes.byteCount * count)
        // Single bytes many times are slower than some kilobytes seldom.
        let group = max(1, 4096 / bytes.byteCount)
        var block = ByteBuffer()
        for _ in 0..<min(group, count) { block.append(bytes) }
        for _ in 0..<(count / group) { append(block.bytes) }
        for _ in 0..<(count % group) { append(bytes) }
    }
}
