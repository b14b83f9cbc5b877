public import Memory

/// The replies that one client has not received yet: a chain of chunks, written at the end, sent from the front.
///
/// Small replies share chunks of 16 KiB; a bulk that is larger gets a chunk of its own size. Appending never moves what
/// is already there, and an idle connection holds nothing.
@safe
@frozen
public struct ReplyBuffer: ~Copyable {
    /// Chunk header, followed by its bytes.
    @unsafe
    @usableFromInline
    struct Chunk {
        @usableFromInline var next: UnsafeMutablePointer<Chunk>?
        @usableFromInline var capacity: Int
        /// Bytes written.
        @usableFromInline var end: Int
        /// Bytes sent.
        @usableFromInline var start: Int

        @usableFromInline static let headerSize = 32
        @usableFromInline static let usualSize = ReplyChunkPool.chunkSize
    }

    @usableFromInline var head: UnsafeMutablePointer<Chunk>?
    @usableFromInline var tail: UnsafeMutablePointer<Chunk>?
    /// Where the next byte goes, and how many fit there.
    @usableFromInline var cursor: UnsafeMutableRawPointer?
    @usableFromInline var room = 0
    /// Bytes of chunks in memory, for the client output buffer limits and CLIENT LIST.
    public internal(set) var allocatedBytes = 0
    /// Chunks in the chain.
    public internal(set) var chunkCount = 0
    /// The version of the protocol that replies are written in.
    public var version = ProtocolVersion.resp2

    private let pool: ReplyChunkPool?

    /// An empty buffer, which takes its chunks from `pool` and gives them back to it.
    public init(pool: ReplyChunkPool? = nil) {
        self.pool = pool
        unsafe head = nil
        unsafe tail = nil
        unsafe cursor = nil
    }

    deinit {
        var next = unsafe head
        while let chunk = unsafe next {
            unsafe next = chunk.pointee.next
            unsafe free(chunk, chunk.pointee.capacity + Chunk.headerSize)
        }
    }

    @inlinable
    public var isEmpty: Bool { unsafe head == nil }

    /// Room for `length` bytes in a row, and the cursor moved behind them.
    @inlinable
    mutating func advance(_ length: Int) -> UnsafeMutableRawPointer {
        if length > room { addChunk(atLeast: length) }
        // A chunk was just made where there was none.
        let place = unsafe cursor!
        unsafe cursor = place + length
        room &-= length
        return unsafe place
    }

    /// Appends bytes as they are. O(n).
    @inlinable
    public mutating func append(_ bytes: RawSpan) {
        let count = bytes.byteCount
        guard count > 0 else { return }
        let place = unsafe advance(count)
        unsafe bytes.withUnsafeBytes { unsafe place.copyMemory(from: $0.baseAddress!, byteCount: count) }
    }

    /// Appends a literal as it is.
    @inlinable
    public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        guard count > 0 else { return }
        let place = unsafe advance(count)
        unsafe place.copyMemory(from: text.utf8Start, byteCount: count)
    }

    @inlinable
    public mutating func append(_ byte: UInt8) {
        let place = unsafe advance(1)
        unsafe place.storeBytes(of: byte, as: UInt8.self)
    }

    /// Appends `prefix`, a decimal number and `\r\n`.
    @inlinable
    mutating func appendHeader(_ prefix: UInt8, _ number: Int64) {
        if number >= 0, number < 10 {
            let place = unsafe advance(4)
            let digit = UInt32(truncatingIfNeeded: number) + 48
            unsafe place.storeBytes(of: UInt32(prefix) | digit << 8 | 0x0a0d_0000, as: UInt32.self)
            return
        }
        let width = number.decimalWidth
        let place = unsafe advance(width + 3)
        unsafe place.storeBytes(of: prefix, as: UInt8.self)
        unsafe Self.writeDecimal(number, to: place + 1, width: width)
        unsafe place.storeBytes(of: 0x0a0d, toByteOffset: width + 1, as: UInt16.self)
    }

    @inlinable
    static func writeDecimal(_ number: Int64, to place: UnsafeMutableRawPointer, width: Int) {
        var rest = number.magnitude
        var index = width
        repeat {
            index &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: digit) &+ 48, toByteOffset: index, as: UInt8.self)
            rest = quotient
        } while rest > 0
        if number < 0 { unsafe place.storeBytes(of: 45, as: UInt8.self) }
    }

    @usableFromInline
    mutating func addChunk(atLeast length: Int) {
        if let tail = unsafe tail { unsafe tail.pointee.end = tail.pointee.capacity - room }
        let size = unsafe Heap.usableSize(for: max(Chunk.usualSize, length + Chunk.headerSize))
        let block = unsafe size == Chunk.usualSize ? pool?.take() ?? Heap.allocate(size) : Heap.allocate(size)
        let chunk = unsafe block.bindMemory(to: Chunk.self, capacity: 1)
        let capacity = unsafe size - Chunk.headerSize
        unsafe chunk.initialize(to: Chunk(next: nil, capacity: capacity, end: 0, start: 0))
        if let tail = unsafe tail { unsafe tail.pointee.next = chunk } else { unsafe head = chunk }
        unsafe tail = chunk
        unsafe cursor = block + Chunk.headerSize
        room = capacity
        allocatedBytes += size
        chunkCount += 1
    }

    /// How many bytes wait to be sent. O(chunks).
    public var count: Int {
        var total = 0
        var next = unsafe head
        while let chunk = unsafe next {
            total += unsafe endOf(chunk) - chunk.pointee.start
            unsafe next = chunk.pointee.next
        }
        return total
    }

    /// The first byte that waits to be sent.
    public var firstByte: UInt8? {
        guard let chunk = unsafe head else { return nil }
        return unsafe UnsafeRawPointer(chunk).load(
            fromByteOffset: Chunk.headerSize + chunk.pointee.start, as: UInt8.self)
    }

    /// Up to `length` bytes that wait to be sent, of those in the first chunk.
    public func prefix(_ length: Int) -> [UInt8] {
        guard let chunk = unsafe head else { return [] }
        let bytes = unsafe UnsafeRawPointer(chunk) + Chunk.headerSize + chunk.pointee.start
        let count = unsafe min(length, endOf(chunk) - chunk.pointee.start)
        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// Offers the waiting bytes, chunk by chunk up to `limit` chunks, to `send`, which answers how many it took from
    /// the front; those are gone afterwards.
    public mutating func drain<E: Error>(
        _ send: (UnsafeBufferPointer<UnsafeRawBufferPointer>) throws(E) -> Int
    ) throws(E) -> Int {
        var views = unsafe [16 of UnsafeRawBufferPointer](repeating: UnsafeRawBufferPointer(start: nil, count: 0))
        var used = 0
        var next = unsafe head
        while used < 16, let chunk = unsafe next {
            let bytes = unsafe UnsafeRawPointer(chunk) + Chunk.headerSize + chunk.pointee.start
            let length = unsafe endOf(chunk) - chunk.pointee.start
            unsafe views[used] = UnsafeRawBufferPointer(start: bytes, count: length)
            used += 1
            unsafe next = chunk.pointee.next
        }
        let span = unsafe views.span
        let sent = try unsafe span.withUnsafeBufferPointer { all throws(E) -> Int in
            try unsafe send(UnsafeBufferPointer(rebasing: all[0..<used]))
        }
        removeFirst(sent)
        return sent
    }

    /// The bytes of the first chunk.
    var firstChunkBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            guard let chunk = unsafe head else { return RawSpan() }
            return unsafe _overrideLifetime(bytes(of: chunk), borrowing: self)
        }
    }

    func forEachChunk(_ visit: (RawSpan) -> Void) {
        var next = unsafe head
        while let chunk = unsafe next {
            unsafe visit(bytes(of: chunk))
            unsafe next = chunk.pointee.next
        }
    }

    /// Takes over what another buffer holds, which is empty afterwards. O(1).
    public mutating func append(contentsOf other: inout ReplyBuffer) {
        guard let first = unsafe other.head else { return }
        if let tail = unsafe tail {
            unsafe tail.pointee.end = tail.pointee.capacity - room
            unsafe tail.pointee.next = first
        } else {
            unsafe head = first
        }
        unsafe tail = other.tail
        unsafe cursor = other.cursor
        room = other.room
        allocatedBytes += other.allocatedBytes
        chunkCount += other.chunkCount
        unsafe other.head = nil
        unsafe other.tail = nil
        unsafe other.cursor = nil
        other.room = 0
        other.allocatedBytes = 0
        other.chunkCount = 0
    }

    @_lifetime(immortal)
    private func bytes(of chunk: UnsafeMutablePointer<Chunk>) -> RawSpan {
        let start = unsafe UnsafeRawPointer(chunk) + Chunk.headerSize + chunk.pointee.start
        let view = unsafe RawSpan(_unsafeStart: start, byteCount: endOf(chunk) - chunk.pointee.start)
        return unsafe _overrideLifetime(view, copying: ())
    }

    private func endOf(_ chunk: UnsafeMutablePointer<Chunk>) -> Int {
        unsafe chunk == tail ? chunk.pointee.capacity - room : chunk.pointee.end
    }

    private mutating func removeFirst(_ length: Int) {
        var left = length
        while let chunk = unsafe head {
            let available = unsafe endOf(chunk) - chunk.pointee.start
            if left < available {
                unsafe chunk.pointee.start += left
                return
            }
            left -= available
            let isLast = unsafe chunk == tail
            unsafe head = chunk.pointee.next
            let size = unsafe chunk.pointee.capacity + Chunk.headerSize
            allocatedBytes -= size
            chunkCount -= 1
            unsafe free(chunk, size)
            if isLast {
                unsafe tail = nil
                unsafe cursor = nil
                room = 0
                return
            }
        }
    }

    private func free(_ chunk: UnsafeMutableRawPointer, _ size: Int) {
        if unsafe size == Chunk.usualSize, let pool, unsafe pool.give(chunk) { return }
        unsafe Heap.free(chunk, size)
    }

    /// Drops everything that waits.
    public mutating func removeAll() {
        while unsafe head != nil { removeFirst(count) }
    }
}
