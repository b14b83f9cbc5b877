internal import Memory

/// Chunks of 16 KiB that reply buffers have done with, for the next one that needs some: a busy server writes every
/// turn
/// into the same few. It keeps at most ``capacity`` of them.
///
/// A handle, to be used on one thread; whoever makes it owns it, and its memory goes with the process.
@safe
public struct ReplyChunkPool {
    /// 1 MiB of chunks.
    static let capacity = 64
    static let chunkSize = 16 * 1024

    @unsafe
    private struct Contents {
        var count = 0
        var chunks = unsafe [64 of UnsafeMutableRawPointer?](repeating: nil)
    }

    private let contents: UnsafeMutablePointer<Contents>

    public init() {
        unsafe contents = .allocate(capacity: 1)
        unsafe contents.initialize(to: Contents())
    }

    func take() -> UnsafeMutableRawPointer? {
        guard unsafe contents.pointee.count > 0 else { return nil }
        unsafe contents.pointee.count -= 1
        return unsafe contents.pointee.chunks[contents.pointee.count]
    }

    /// Whether the pool took the chunk.
    func give(_ chunk: UnsafeMutableRawPointer) -> Bool {
        guard unsafe contents.pointee.count < Self.capacity else { return false }
        unsafe contents.pointee.chunks[contents.pointee.count] = chunk
        unsafe contents.pointee.count += 1
        return true
    }
}
