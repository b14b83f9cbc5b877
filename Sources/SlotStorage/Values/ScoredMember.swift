internal import Memory

/// A member of a sorted set with its score, in one allocation that the ordered tree and the member index share.
///
///     8 bytes   score      1.. bytes   length of the member (`RecordLength`)      n bytes   the member
///
/// A member of 16 bytes takes 25 bytes, 32 in jemalloc. It is a plain pointer with manual ownership: `MemberTree` frees
/// it.
@safe
struct ScoredMember: BitwiseCopyable, Equatable {
    let base: UnsafeMutableRawPointer

    private static var lengthOffset: Int { 8 }

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// A copy of `member` with its score. O(length).
    static func make(_ member: RawSpan, score: Double) -> ScoredMember {
        let made = unsafe ScoredMember(Heap.allocate(size(of: member.byteCount)))
        made.score = score
        let place = unsafe RecordLength.write(member.byteCount, to: made.base + lengthOffset)
        unsafe member.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe place.copyMemory(from: start, byteCount: source.count)
        }
        return made
    }

    func free() { unsafe Heap.free(base, Self.size(of: bytes.byteCount)) }

    /// Bytes of memory that it takes.
    var allocatedSize: Int { Heap.usableSize(for: Self.size(of: bytes.byteCount)) }

    private static func size(of length: Int) -> Int { lengthOffset + RecordLength.width(of: length) + length }

    @inline(__always)
    static func == (left: ScoredMember, right: ScoredMember) -> Bool { unsafe left.base == right.base }

    /// The score, which only changes while the member is in no tree, or where its place in the order stays the same.
    var score: Double {
        @inline(__always) get { unsafe base.load(as: Double.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, as: Double.self) }
    }

    /// The member itself.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        @inline(__always)
        get {
            let (length, start) = unsafe RecordLength.read(from: base + Self.lengthOffset)
            return unsafe _overrideLifetime(RawSpan(_unsafeStart: start, byteCount: length), borrowing: self)
        }
    }

    /// The order of sorted sets: by score, and by bytes where scores are equal.
    @inline(__always)
    func precedes(_ other: ScoredMember) -> Bool {
        let (score, otherScore) = (score, other.score)
        return score != otherScore ? score < otherScore : bytes.precedes(other.bytes)
    }
}

extension ScoredMember: BucketElement {
    static func hash(at address: UnsafeMutableRawPointer) -> UInt64 {
        unsafe Hashing.hash(ScoredMember(address).bytes)
    }

    /// The hash under which the member is in an index.
    var hash: UInt64 { Hashing.hash(bytes) }
}
