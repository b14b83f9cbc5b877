internal import Memory

/// The words within a bucket: see the drawing at `BucketTable`.
enum Word {
    static var lowBytes: UInt64 { 0x0001_0101_0101_0101 }
    static var highBits: UInt64 { 0x0080_8080_8080_8080 }

    private static var addressBits: UInt64 { 0x0000_ffff_ffff_ffff }
    private static var hashBits: UInt64 { 0x7fff_0000_0000_0000 }
    private static var mark: UInt64 { 1 << 63 }

    @inline(__always)
    static func make(_ address: UnsafeMutableRawPointer, hash: UInt64, marked: Bool) -> UInt64 {
        UInt64(UInt(bitPattern: address)) | (hash << 48 & hashBits) | (marked ? mark : 0)
    }

    @inline(__always)
    static func address(_ word: UInt64) -> UnsafeMutableRawPointer {
        // Every word in use was made from an address.
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(word & addressBits)).unsafelyUnwrapped
    }

    @inline(__always)
    static func hasSameBits(_ word: UInt64, _ hash: UInt64) -> Bool { (word ^ hash << 48) & hashBits == 0 }

    @inline(__always)
    static func isMarked(_ word: UInt64) -> Bool { word & mark != 0 }

    static func replacing(_ word: UInt64, with address: UnsafeMutableRawPointer, marked: Bool) -> UInt64 {
        UInt64(UInt(bitPattern: address)) | (word & hashBits) | (marked ? mark : 0)
    }

    /// The low 15 bits of the hash.
    static func knownHashBits(_ word: UInt64) -> UInt64 { word >> 48 & 0x7fff }
}

/// A bucket and the overflow buckets behind it.
extension BucketTable {
    private static var chainBit: UInt64 { 1 << 63 }
    private static var lastPosition: Int { 6 }

    static func overflow(of bucket: Bucket) -> Bucket {
        // Asked only of a bucket whose chain bit is set.
        unsafe Bucket(bitPattern: UInt(bucket[1 + lastPosition])).unsafelyUnwrapped
    }

    /// The low bits of the element's hash, at least up to `bit`.
    @inline(__always)
    static func hashBits(of word: UInt64, upTo bit: UInt64) -> UInt64 {
        bit < 1 << 15 ? Word.knownHashBits(word) : unsafe Element.hash(at: Word.address(word))
    }

    /// Visits the words of a chain with their fingerprints.
    @inline(__always)
    static func forEachWord(in start: Bucket, _ visit: (_ word: UInt64, _ fingerprint: UInt64) -> Void) {
        var bucket = unsafe start
        while true {
            let head = unsafe bucket[0]
            var used = head >> 56 & 0x7f
            while used != 0 {
                let position = used.trailingZeroBitCount
                used &= used - 1
                unsafe visit(bucket[1 + position], head >> UInt64(8 * position) & 0xff)
            }
            guard head & chainBit != 0 else { return }
            unsafe bucket = overflow(of: bucket)
        }
    }

    /// Puts a word into the first free place of the chain, adding an overflow bucket when there is none.
    static func append(_ word: UInt64, fingerprint: UInt64, to start: Bucket) {
        var bucket = unsafe start
        while true {
            let head = unsafe bucket[0]
            let isChained = head & chainBit != 0
            let free = ~(head >> 56) & (isChained ? 0x3f : 0x7f)
            if free != 0 {
                unsafe put(word, fingerprint, into: bucket, at: free.trailingZeroBitCount)
                return
            }
            if !isChained {
                let added = unsafe Heap.allocateCacheLines(bucketBytes).bindMemory(to: UInt64.self, capacity: 8)
                unsafe put(bucket[1 + lastPosition], head >> UInt64(8 * lastPosition) & 0xff, into: added, at: 0)
                unsafe clear(lastPosition, in: bucket)
                unsafe bucket[0] |= chainBit
                unsafe bucket[1 + lastPosition] = UInt64(UInt(bitPattern: added))
            }
            unsafe bucket = overflow(of: bucket)
        }
    }

    /// Takes a word out of the chain and fills its place from the chain's end, so that no overflow bucket is empty.
    static func take(_ word: UnsafeMutablePointer<UInt64>, from start: Bucket) {
        var previous: Bucket?
        var last = unsafe start
        while unsafe last[0] & chainBit != 0 {
            unsafe previous = last
            unsafe last = overflow(of: last)
        }
        let home = unsafe Bucket(bitPattern: UInt(bitPattern: word) & ~63).unsafelyUnwrapped
        let position = unsafe word - home - 1
        guard let previous = unsafe previous else {
            unsafe clear(position, in: home)
            return
        }
        let end = unsafe (last[0] >> 56 & 0x7f).trailingZeroBitCount
        if unsafe last != home || end != position {
            unsafe put(last[1 + end], last[0] >> UInt64(8 * end) & 0xff, into: home, at: position)
        }
        unsafe clear(end, in: last)
        // One word left behind fits where the pointer to its bucket is.
        let left = unsafe last[0] >> 56 & 0x7f
        guard left & (left &- 1) == 0 else { return }
        unsafe previous[0] &= ~chainBit
        if left != 0 {
            let only = left.trailingZeroBitCount
            unsafe put(last[1 + only], last[0] >> UInt64(8 * only) & 0xff, into: previous, at: lastPosition)
        }
        unsafe Heap.freeCacheLines(last, bucketBytes)
    }

    static func freeOverflow(of start: Bucket) {
        guard unsafe start[0] & chainBit != 0 else { return }
        var bucket = unsafe overflow(of: start)
        while true {
            let next = unsafe bucket[0] & chainBit != 0 ? overflow(of: bucket) : nil
            unsafe Heap.freeCacheLines(bucket, bucketBytes)
            guard let next = unsafe next else { return }
            unsafe bucket = next
        }
    }

    private static func put(_ word: UInt64, _ fingerprint: UInt64, into bucket: Bucket, at position: Int) {
        let shift = UInt64(8 * position)
        unsafe bucket[0] = bucket[0] & ~(0xff << shift) | fingerprint << shift | 1 << UInt64(56 + position)
        unsafe bucket[1 + position] = word
    }

    private static func clear(_ position: Int, in bucket: Bucket) {
        unsafe bucket[0] &= ~(0xff << UInt64(8 * position) | 1 << UInt64(56 + position))
    }

    static func reversed(_ value: UInt64) -> UInt64 {
        var v = value
        v = (v >> 1 & 0x5555_5555_5555_5555) | (v & 0x5555_5555_5555_5555) << 1
        v = (v >> 2 & 0x3333_3333_3333_3333) | (v & 0x3333_3333_3333_3333) << 2
        v = (v >> 4 & 0x0f0f_0f0f_0f0f_0f0f) | (v & 0x0f0f_0f0f_0f0f_0f0f) << 4
        return v.byteSwapped
    }
}
