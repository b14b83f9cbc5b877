internal import Memory

/// Replies that are wanted elsewhere than on a socket.
extension ReplyBuffer {
    /// Lets `body` see all that waits as one run of bytes. O(1) within one chunk, else O(n).
    public func withBytes<Result: ~Copyable>(_ body: (RawSpan) -> Result) -> Result {
        guard chunkCount > 1 else { return body(firstChunkBytes) }
        var copy = ByteBuffer()
        copy.reserveExactly(count)
        forEachChunk { copy.append($0) }
        return body(copy.bytes)
    }

    /// Appends what waits in `other`, which is empty afterwards. Little is copied; large replies change their owner.
    public mutating func append(movingFrom other: inout ReplyBuffer) {
        if other.chunkCount <= 1, other.count <= Self.mostCopied {
            append(other.firstChunkBytes)
        } else {
            append(contentsOf: &other)
        }
        other.removeAll()
    }

    /// A chunk that is moved may stay nearly empty, so what is small is copied.
    private static var mostCopied: Int { 4096 }
}
