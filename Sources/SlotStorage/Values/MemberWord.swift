internal import Memory

/// A member of a set in table form, as the 48 bits that a bucket has for it: an address, or the member itself.
///
///     low 3 bits   the other 45 bits
///     0            address of a record: the length (`RecordLength`), then the member's bytes
///     1            no address: the integer that the member spells
///     2..7         address of exactly 16, 32, 48, 64, 80 or 96 bytes, which are the member
///
/// Allocations leave the low three bits of an address free. So identifiers and points in time take nothing but their
/// place in the bucket, and a member that fills a class of jemalloc is not pushed into the next one by its length.
@safe
struct MemberWord: BucketElement, BitwiseCopyable, Hashable {
    let bits: UInt64

    /// The word that a bucket gave.
    init(_ address: UnsafeMutableRawPointer) { bits = UInt64(UInt(bitPattern: address)) }

    init(bits: UInt64) { self.bits = bits }

    /// The word for a bucket.
    var address: UnsafeMutableRawPointer {
        // Not zero: neither an address nor the tag of an integer is.
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped
    }

    /// A word that holds the integer itself; `nil` for one that 45 bits do not hold.
    @inline(__always)
    init?(integer: Int64) {
        guard integer >= -1 << 44, integer < 1 << 44 else { return nil }
        bits = (UInt64(bitPattern: integer) << 3 | Tag.integer) & Self.bitsOfWord
    }

    /// A word for a copy of `bytes`, which spell no integer that a word could hold. O(length).
    static func make(copying bytes: RawSpan) -> MemberWord {
        let length = bytes.byteCount
        let tag = bareTag(for: length)
        let block = unsafe Heap.allocate(size(of: length, tag))
        let place = unsafe tag == Tag.record ? RecordLength.write(length, to: block) : block
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe place.copyMemory(from: start, byteCount: source.count)
        }
        return MemberWord(bits: UInt64(UInt(bitPattern: block)) | tag)
    }

    /// The integer, if the word holds one.
    var integer: Int64? {
        @inline(__always)
        get {
            guard tag == Tag.integer else { return nil }
            // The sign is bit 47.
            return Int64(bitPattern: bits << 16) >> 19
        }
    }

    /// The bytes of a member that is no integer in its word.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        @inline(__always)
        get {
            precondition(tag != Tag.integer, "an integer has no bytes")
            let (start, length) = unsafe content
            return unsafe _overrideLifetime(RawSpan(_unsafeStart: start, byteCount: length), borrowing: self)
        }
    }

    /// The hash of the number, or of the bytes.
    static func hash(at address: UnsafeMutableRawPointer) -> UInt64 {
        let word = unsafe MemberWord(address)
        if let integer = word.integer { return hash(integer) }
        return Hashing.hash(word.bytes)
    }

    static func hash(_ integer: Int64) -> UInt64 { Hashing.hash(UInt64(bitPattern: integer)) }

    /// Gives back the member's allocation, if it has one.
    func free() {
        if tag == Tag.integer { return }
        unsafe Heap.free(block, Self.size(of: bytes.byteCount, tag))
    }

    /// Bytes of memory that it takes besides its place in the table.
    var allocatedSize: Int { tag == Tag.integer ? 0 : Heap.usableSize(for: Self.size(of: bytes.byteCount, tag)) }

    // MARK: Tags

    private enum Tag {
        static var record: UInt64 { 0 }
        static var integer: UInt64 { 1 }
        static var longestBare: Int { 96 }
    }

    private static var bitsOfWord: UInt64 { 0xffff_ffff_ffff }

    private var tag: UInt64 { bits & 7 }

    private var block: UnsafeMutableRawPointer {
        // Asked of words with an address only.
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(bits & ~7)).unsafelyUnwrapped
    }

    /// Where the bytes of a member with an allocation are.
    private var content: (start: UnsafeMutableRawPointer, length: Int) {
        @inline(__always)
        get {
            guard tag == Tag.record else { return unsafe (block, Int(tag - 1) * 16) }
            let (length, start) = unsafe RecordLength.read(from: block)
            return unsafe (start, length)
        }
    }

    private static func bareTag(for length: Int) -> UInt64 {
        length & 15 == 0 && length > 0 && length <= Tag.longestBare ? UInt64(length >> 4 + 1) : Tag.record
    }

    private static func size(of length: Int, _ tag: UInt64) -> Int {
        tag == Tag.record ? RecordLength.width(of: length) + length : length
    }
}
