internal import Memory

/// What a `BucketTable` has to know of the things it holds.
protocol BucketElement {
    /// The hash under which the element at `address` was inserted.
    static func hash(at address: UnsafeMutableRawPointer) -> UInt64
}

/// A hash table of pointers, for the keyspace, its tag groups, hashes and sets. It grows and shrinks by one bucket at
/// a time.
///
/// A **bucket** is one cache line: a head word and seven element words.
///
///     byte  0..6   one fingerprint (top 8 bits of the hash) for each element word
///     byte  7      bits 0..6: which element words are in use; bit 7: the seventh word points to an overflow bucket
///     byte  8..63  seven words: bits 0..47 the pointer, 48..62 the low 15 bits of the hash, 63 the element's mark
///
/// The table is a **linear hash** (Litwin 1980): there are `bucketCount` buckets, `mask + 1 <= bucketCount <= 2 (mask
/// + 1)`
/// where `mask + 1` is a power of two. A hash belongs into bucket `h & (2 mask + 1)` where there is one, else into
/// `h & mask`. An insertion that finds the table too full appends one bucket and moves about half of one old bucket
/// into it;
/// a removal that finds it too empty undoes that. So there is no second table, no background rehash and no step in
/// memory:
/// 5.5 elements a bucket with about a fifth of the buckets chained is 14 bytes an element at any size. The 15 hash bits
/// kept in each word spare a look at the elements until there are 2^15 buckets.
///
/// Buckets lie in segments of 16 (1 KiB), found through a directory, so that even the largest table never copies more
/// than
/// its directory: 8 bytes for 88 elements. The first segments are only as large as their buckets need, since a table
/// of a
/// hundred elements, which is what a slot often has, would else be half empty.
///
/// Find, insert, remove: O(1) expected. The table owns its buckets, never its elements.
@safe
struct BucketTable<Element: BucketElement>: ~Copyable {
    typealias Address = UnsafeMutableRawPointer
    /// Eight words, 64 bytes, aligned to 64.
    typealias Bucket = UnsafeMutablePointer<UInt64>

    private var directory: UnsafeMutablePointer<Bucket>?
    private var directoryCapacity: UInt32 = 0
    /// Buckets that hashes are distributed over; overflow buckets are not counted.
    private(set) var bucketCount: UInt32 = 0
    private(set) var mask: UInt32 = 0
    /// Elements in the table.
    private(set) var count = 0
    /// Elements with the mark set; the keyspace marks entries that expire.
    private(set) var markedCount = 0

    init() { unsafe directory = nil }

    deinit {
        var index: UInt32 = 0
        while index < bucketCount {
            unsafe Self.freeOverflow(of: bucket(index))
            index += 1
        }
        freeSegments()
    }

    // MARK: Finding

    /// The word of the element with hash `hash` that `matches` accepts.
    @inline(__always)
    func find(_ hash: UInt64, where matches: (Address) -> Bool) -> UnsafeMutablePointer<UInt64>? {
        guard bucketCount > 0 else { return nil }
        let fingerprints = Word.lowBytes &* (hash >> 56)
        var bucket = unsafe self.bucket(bucketIndex(of: hash))
        while true {
            let head = unsafe bucket[0]
            // Bytes of `difference` that are zero are equal fingerprints; a borrow can only add a false candidate.
            let difference = head ^ fingerprints
            var candidates = (difference &- Word.lowBytes) & ~difference & Word.highBits
            while candidates != 0 {
                let position = candidates.trailingZeroBitCount >> 3
                candidates &= candidates &- 1
                guard head >> UInt64(56 + position) & 1 != 0 else { continue }
                let word = unsafe bucket + 1 + position
                if unsafe Word.hasSameBits(word.pointee, hash), unsafe matches(Word.address(word.pointee)) {
                    return unsafe word
                }
            }
            guard head >> 63 != 0 else { return nil }
            unsafe bucket = Self.overflow(of: bucket)
        }
    }

    // MARK: Changing

    /// Adds an element; the caller knows that it is not there yet.
    mutating func insert(_ address: Address, hash: UInt64, marked: Bool = false) {
        if count &* 2 >= Int(bucketCount) &* Load.growAtHalves { addBucket() }
        let word = unsafe Word.make(address, hash: hash, marked: marked)
        unsafe Self.append(word, fingerprint: hash >> 56, to: bucket(bucketIndex(of: hash)))
        count += 1
        if marked { markedCount += 1 }
    }

    /// Puts another element of the same hash in the place of one.
    mutating func replace(_ word: UnsafeMutablePointer<UInt64>, with address: Address, marked: Bool) {
        let old = unsafe word.pointee
        if Word.isMarked(old) != marked { markedCount += marked ? 1 : -1 }
        unsafe word.pointee = Word.replacing(old, with: address, marked: marked)
    }

    /// Takes out the element at `word`, which ``find(_:where:)`` gave for `hash`.
    mutating func remove(_ word: UnsafeMutablePointer<UInt64>, hash: UInt64) {
        if unsafe Word.isMarked(word.pointee) { markedCount -= 1 }
        unsafe Self.take(word, from: bucket(bucketIndex(of: hash)))
        count -= 1
        if count < Int(bucketCount) &* Load.shrinkAt, bucketCount > 1 { removeBucket() }
        if count == 0 { releaseEmpty() }
    }

    // MARK: Walking

    /// Visits the elements of one step of a scan and answers the next cursor; 0 starts and ends.
    ///
    /// The cursor counts in reverse binary order over the low bits of the hash, as Redis' `dictScan` does: every
    /// element
    /// that is in the table from the first call to the last is visited, at least once, however the table grows and
    /// shrinks in between. A step visits all buckets whose hashes agree in `mask`: one, or the two halves of a split
    /// one.
    func scan(_ cursor: UInt64, _ visit: (Address) -> Void) -> UInt64 {
        guard bucketCount > 0 else { return 0 }
        let mask = UInt64(self.mask)
        let index = UInt32(truncatingIfNeeded: cursor & mask)
        unsafe Self.forEachWord(in: bucket(index)) { word, _ in unsafe visit(Word.address(word)) }
        let other = index + self.mask + 1
        if other < bucketCount {
            unsafe Self.forEachWord(in: bucket(other)) { word, _ in unsafe visit(Word.address(word)) }
        }
        return Self.reversed(Self.reversed(cursor | ~mask) &+ 1)
    }

    /// Visits every element. The table must not change meanwhile. O(n).
    func forEach(_ visit: (Address) -> Void) {
        var index: UInt32 = 0
        while index < bucketCount {
            unsafe Self.forEachWord(in: bucket(index)) { word, _ in unsafe visit(Word.address(word)) }
            index += 1
        }
    }

    /// Visits the elements of bucket `index`, `index < bucketCount`; with `onlyMarked`, others are not touched.
    @inline(__always)
    func forEach(inBucket index: Int, onlyMarked: Bool, _ visit: (Address) -> Void) {
        unsafe Self.forEachWord(in: bucket(UInt32(index))) { word, _ in
            if !onlyMarked || Word.isMarked(word) { unsafe visit(Word.address(word)) }
        }
    }

    /// The element with this number in the chain of bucket `index`, `index < bucketCount`; `nil` behind the last. The
    /// numbers hold until the table changes. O(chain).
    func element(_ ordinal: Int, inBucket index: Int) -> Address? {
        var bucket = unsafe self.bucket(UInt32(index))
        var rest = ordinal
        while true {
            let head = unsafe bucket[0]
            var used = head >> 56 & 0x7f
            if rest < used.nonzeroBitCount {
                for _ in 0..<rest { used &= used - 1 }
                return unsafe Word.address(bucket[1 + used.trailingZeroBitCount])
            }
            rest -= used.nonzeroBitCount
            guard head >> 63 != 0 else { return nil }
            unsafe bucket = Self.overflow(of: bucket)
        }
    }

    /// Any element, by the random bits given; `nil` when the table is empty. O(1) expected.
    ///
    /// A bucket is drawn, then a place in it; a place that nobody has means another draw. So every element is equally
    /// likely, however many it shares its bucket with. Only in a bucket of over ``drawnPlaces``, and next to none is,
    /// some are never drawn before others have left.
    func randomElement(_ random: inout some RandomNumberGenerator) -> Address? {
        guard count > 0 else { return nil }
        let places = min(count, Self.drawnPlaces)
        while true {
            let index = UInt32.random(in: 0..<bucketCount, using: &random)
            let place = Int.random(in: 0..<places, using: &random)
            var seen = 0
            var chosen: UInt64?
            unsafe Self.forEachWord(in: bucket(index)) { word, _ in
                if seen == place { chosen = word }
                seen += 1
            }
            if let chosen { return unsafe Word.address(chosen) }
        }
    }

    /// Beyond the longest chain that hashes make: with 5.5 elements a bucket, one in 10^7 buckets has more.
    private static var drawnPlaces: Int { 24 }

    // MARK: Growing and shrinking

    /// When to grow and to shrink, in elements a bucket. 5.5 is where the bytes for overflow buckets begin to eat what
    /// fuller buckets save; the distance between the two keeps a table that breathes from working for nothing.
    private enum Load {
        static var growAtHalves: Int { 11 }
        static var shrinkAt: Int { 2 }
    }

    static var segmentShift: UInt32 { 4 }
    static var bucketBytes: Int { 64 }

    private mutating func addBucket() {
        let index = bucketCount
        makeRoom(for: index)
        let new = unsafe segment(index >> Self.segmentShift) + Int(index & 15) * 8
        bucketCount += 1
        if index == 0 { return }
        if index == (mask + 1) * 2 { mask = mask << 1 | 1 }
        let bit = mask + 1
        unsafe split(bucket(index - bit), into: new, by: UInt64(bit))
    }

    /// Moves the elements whose hash has `bit` set to `new`.
    private func split(_ old: Bucket, into new: Bucket, by bit: UInt64) {
        var part = unsafe (old[0], old[1], old[2], old[3], old[4], old[5], old[6], old[7])
        unsafe old[0] = 0
        unsafe withUnsafeMutableBytes(of: &part) { copy in
            // A tuple of eight words is never empty.
            var source = unsafe copy.baseAddress!.assumingMemoryBound(to: UInt64.self)
            var chained: Bucket?
            while true {
                let head = unsafe source[0]
                var used = head >> 56 & 0x7f
                while used != 0 {
                    let position = used.trailingZeroBitCount
                    used &= used - 1
                    let word = unsafe source[1 + position]
                    let fingerprint = head >> UInt64(8 * position) & 0xff
                    let target = unsafe Self.hashBits(of: word, upTo: bit) & bit != 0 ? new : old
                    unsafe Self.append(word, fingerprint: fingerprint, to: target)
                }
                let next = unsafe head >> 63 != 0 ? Self.overflow(of: source) : nil
                if let chained = unsafe chained { unsafe Heap.freeCacheLines(chained, Self.bucketBytes) }
                guard let next = unsafe next else { return }
                unsafe chained = next
                unsafe source = next
            }
        }
    }

    private mutating func removeBucket() {
        let index = bucketCount - 1
        if index == mask { mask >>= 1 }
        let target = unsafe bucket(index & mask)
        let last = unsafe bucket(index)
        unsafe Self.forEachWord(in: last) { word, fingerprint in
            unsafe Self.append(word, fingerprint: fingerprint, to: target)
        }
        unsafe Self.freeOverflow(of: last)
        unsafe last[0] = 0
        bucketCount -= 1
        if index & 15 == 0 {
            unsafe Heap.freeCacheLines(last, Self.segmentBytes(index >> Self.segmentShift, holding: 1))
        } else {
            resizeSegment(index >> Self.segmentShift, from: Int(index & 15) + 1, to: Int(index & 15))
        }
    }

    private mutating func releaseEmpty() {
        while bucketCount > 1 { removeBucket() }
        freeSegments()
        unsafe directory = nil
        directoryCapacity = 0
        bucketCount = 0
        mask = 0
    }

    // MARK: Segments

    private func segment(_ number: UInt32) -> Bucket {
        // The directory exists as long as there is a bucket.
        unsafe directory.unsafelyUnwrapped[Int(number)]
    }

    @inline(__always)
    private func bucket(_ index: UInt32) -> Bucket {
        unsafe segment(index >> Self.segmentShift) + Int(index & 15) * 8
    }

    @inline(__always)
    private func bucketIndex(of hash: UInt64) -> UInt32 {
        let wide = UInt32(truncatingIfNeeded: hash) & (mask << 1 | 1)
        return wide < bucketCount ? wide : wide & mask
    }

    private mutating func makeRoom(for index: UInt32) {
        let number = index >> Self.segmentShift
        if index & 15 == 0 {
            if number == directoryCapacity { growDirectory(to: max(number * 2, 1)) }
            unsafe directory.unsafelyUnwrapped[Int(number)] = newSegment(number, holding: 1)
        } else {
            resizeSegment(number, from: Int(index & 15), to: Int(index & 15) + 1)
        }
    }

    /// The bytes of segment `number` when `buckets` of it are in use. The first eight take their time to get as large
    /// as the
    /// others: one bucket, then two more at a time. Further on, a whole segment is a small part of the table.
    private static func segmentBytes(_ number: UInt32, holding buckets: Int) -> Int {
        if number >= 8 { return 16 * bucketBytes }
        return (buckets == 1 ? 1 : (buckets + 1) & ~1) * bucketBytes
    }

    private func newSegment(_ number: UInt32, holding buckets: Int) -> Bucket {
        let bytes = Self.segmentBytes(number, holding: buckets)
        return unsafe Heap.allocateCacheLines(bytes).bindMemory(to: UInt64.self, capacity: bytes / 8)
    }

    private func resizeSegment(_ number: UInt32, from old: Int, to new: Int) {
        let oldBytes = Self.segmentBytes(number, holding: old)
        if oldBytes == Self.segmentBytes(number, holding: new) { return }
        let segment = unsafe self.segment(number)
        let replacement = unsafe newSegment(number, holding: new)
        unsafe replacement.update(from: segment, count: min(old, new) * 8)
        unsafe Heap.freeCacheLines(segment, oldBytes)
        unsafe directory.unsafelyUnwrapped[Int(number)] = replacement
    }

    private mutating func growDirectory(to capacity: UInt32) {
        let bytes = unsafe Int(capacity) * MemoryLayout<Bucket>.stride
        let block: UnsafeMutableRawPointer
        if let directory = unsafe directory {
            unsafe block = Heap.reallocate(directory, bytes)
        } else {
            unsafe block = Heap.allocate(bytes)
        }
        unsafe directory = block.assumingMemoryBound(to: Bucket.self)
        directoryCapacity = capacity
    }

    private func freeSegments() {
        guard let directory = unsafe directory else { return }
        for number in 0..<((bucketCount + 15) >> Self.segmentShift) {
            let buckets = min(Int(bucketCount - number << Self.segmentShift), 16)
            unsafe Heap.freeCacheLines(segment(number), Self.segmentBytes(number, holding: buckets))
        }
        unsafe Heap.free(directory, Int(directoryCapacity) * MemoryLayout<Bucket>.stride)
    }
}
