internal import Memory

/// A string value that is too long to wait for in one piece: it is put together as its bytes come, in the memory where
/// it will stay, which grows with them and not because a length says so.
struct RDBLongString: ~Copyable {
    private let length: Int
    private var block: StringBlock
    private var isOwned = true

    /// Strings up to this length wait until they are there.
    static var leastLength: Int { 64 << 10 }

    init(length: Int) {
        self.length = length
        block = StringBlock.allocate(count: 0, spare: Self.leastLength)
    }

    deinit { if isOwned { block.free() } }

    /// Takes what is there of the string. `true` when that is all of it.
    mutating func read(from reader: inout RDBReader) -> Bool {
        let bytes = reader.takeAvailable(atMost: length - block.count)
        let filled = block.count + bytes.byteCount
        if filled > block.capacity { block = block.grown(to: min(max(filled, 2 * block.capacity), length)) }
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (block.start + block.count).copyMemory(from: start, byteCount: source.count)
        }
        block.count = filled
        reader.take()
        return filled == length
    }

    /// The whole string, which is the caller's then.
    mutating func finish() -> Value {
        precondition(block.count == length && isOwned, "not the end of a string")
        isOwned = false
        return Value(string: block)
    }
}
