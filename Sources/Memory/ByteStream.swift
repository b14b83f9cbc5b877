/// A run of bytes that grows at its end and is read by many, each from a place of its own.
///
/// Places are offsets, counted from the beginning of the stream and never used again; ``start`` moves on as bytes are
/// dropped. A reader is therefore nothing but a number, and what several readers have not read yet is kept once.
///
/// Bytes lie in blocks of 64 KiB, so appending never moves what is there. Appending is O(bytes), finding a place O(1).
@safe
public struct ByteStream: ~Copyable {
    /// Bytes of a block.
    public static let blockSize = 64 * 1024
    private static let runsAtOnce = 16

    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    /// The offset of the first block's first byte.
    private var base: Int64
    /// The offset of the oldest byte that is kept.
    public private(set) var start: Int64
    /// The offset that the next byte will have.
    public private(set) var end: Int64

    /// An empty stream whose first byte will have the given offset.
    public init(from offset: Int64 = 0) {
        base = offset
        start = offset
        end = offset
    }

    deinit {
        freeBlocks(unsafe blocks.count)
    }

    /// Bytes that are kept.
    public var count: Int { Int(end - start) }

    /// Bytes of memory that are held.
    public var allocatedBytes: Int { unsafe blocks.count * Self.blockSize }

    /// Appends bytes. O(n).
    public mutating func append(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { source in
            var done = 0
            while done < source.count {
                let (index, place) = position(of: end)
                if unsafe index == blocks.count { unsafe blocks.append(Heap.allocate(Self.blockSize)) }
                let part = min(source.count - done, Self.blockSize - place)
                // The source is not empty, so it has an address.
                unsafe (blocks[index] + place).copyMemory(from: source.baseAddress! + done, byteCount: part)
                done += part
                end += Int64(part)
            }
        }
    }

    /// Forgets the bytes before `offset`; a place beyond the end is taken for the end.
    public mutating func discard(before offset: Int64) {
        guard offset > start else { return }
        start = min(offset, end)
        let unused = Int(start - base) / Self.blockSize
        guard unused > 0 else { return }
        freeBlocks(unused)
        unsafe blocks.removeFirst(unused)
        base += Int64(unused * Self.blockSize)
    }

    /// Forgets all bytes and goes on at another offset.
    public mutating func restart(at offset: Int64) {
        freeBlocks(unsafe blocks.count)
        unsafe blocks.removeAll()
        base = offset
        start = offset
        end = offset
    }

    /// Offers the bytes from `offset` on, at most `limit` and at most 1 MiB, to `take`, and answers what that answers:
    /// how many it took. The offset must lie within the stream.
    public func read<E: Error>(
        from offset: Int64, atMost limit: Int,
        _ take: (UnsafeBufferPointer<UnsafeRawBufferPointer>) throws(E) -> Int
    ) throws(E) -> Int {
        precondition(offset >= start && offset <= end, "reading what the stream does not hold")
        var left = min(limit, Int(end - offset))
        var runs = unsafe [16 of UnsafeRawBufferPointer](repeating: UnsafeRawBufferPointer(start: nil, count: 0))
        var used = 0
        var (index, place) = position(of: offset)
        while left > 0, used < Self.runsAtOnce {
            let length = min(left, Self.blockSize - place)
            unsafe runs[used] = UnsafeRawBufferPointer(start: blocks[index] + place, count: length)
            used += 1
            left -= length
            index += 1
            place = 0
        }
        let span = unsafe runs.span
        return try unsafe span.withUnsafeBufferPointer { all throws(E) -> Int in
            try unsafe take(UnsafeBufferPointer(rebasing: all[0..<used]))
        }
    }

    private func freeBlocks(_ count: Int) {
        for index in 0..<count { unsafe Heap.free(blocks[index], Self.blockSize) }
    }

    private func position(of offset: Int64) -> (block: Int, place: Int) {
        let distance = Int(offset - base)
        return (distance / Self.blockSize, distance % Self.blockSize)
    }
}
