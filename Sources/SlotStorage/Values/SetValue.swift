internal import Memory

/// The members of a set, as sorted integers or as a table.
///
/// - `integerSet`: an `IntegerSet`, while all members spell integers and there are few. Find is O(log n), changes are
///   O(n).
/// - `table`: a `BucketTable` of `MemberWord`s, at most one allocation a member. Find, insert and remove are O(1)
///   expected.
///
/// A set becomes a table with its first member that is no integer, or when it outgrows its `EncodingLimits`, and stays
/// one. It is a plain handle with manual ownership, like `Value`: a change may move what it refers to, and then only
/// the changed handle is right.
@safe
public struct SetValue: BitwiseCopyable {
    public internal(set) var encoding: ValueEncoding
    /// The address of the integer set or the table.
    var payload: UInt64

    init(encoding: ValueEncoding, payload: UInt64) {
        self.encoding = encoding
        self.payload = payload
    }

    /// The set that `value` is; traps when it is something else.
    public init(_ value: Value) {
        precondition(value.type == .set, "not a set")
        self.init(encoding: value.encoding, payload: value.payload)
    }

    /// A set without members, in the form for integers. The caller frees it or gives its ``value`` away.
    public static func empty() -> SetValue {
        SetValue(encoding: .integerSet, payload: IntegerSet.make().payload)
    }

    /// The same set as a value for a database.
    public var value: Value { Value(type: .set, encoding: encoding, payload: payload) }

    /// Gives back all memory. O(n) for a table.
    public func free() {
        if encoding == .integerSet { return integers.free() }
        unsafe block.table.forEach { unsafe MemberWord($0).free() }
        block.free()
    }

    /// About how many allocations ``free()`` gives back.
    public var freeEffort: Int { encoding == .integerSet ? 1 : block.table.count }

    // MARK: Asking

    /// Members in the set. O(1).
    public var count: Int { encoding == .integerSet ? integers.count : block.table.count }

    public func contains(_ member: RawSpan) -> Bool {
        let number = Self.integer(in: member)
        if encoding == .integerSet { return number.map { integers.contains($0) } ?? false }
        return unsafe find(member, number, Self.hash(member, number)) != nil
    }

    /// Whether a member of another set is one of this one.
    public func contains(_ member: SetMember) -> Bool {
        guard let number = member.integer else { return contains(member.bytes) }
        if encoding == .integerSet { return integers.contains(number) }
        if let word = MemberWord(integer: number) { return unsafe find(word, MemberWord.hash(number)) != nil }
        return number.withDigits { unsafe find($0, Hashing.hash($0)) != nil }
    }

    // MARK: Parts

    var integers: IntegerSet { IntegerSet(payload: payload) }
    var block: TableBlock<MemberWord> { TableBlock(payload: payload) }

    /// The integer that a member spells, if it does so in canonical form.
    @inline(__always)
    static func integer(in member: RawSpan) -> Int64? { member.byteCount <= 20 ? Int64(canonical: member) : nil }

    /// The hash of a member of a table; `number` is what it spells.
    @inline(__always)
    static func hash(_ member: RawSpan, _ number: Int64?) -> UInt64 {
        guard let number, MemberWord(integer: number) != nil else { return Hashing.hash(member) }
        return MemberWord.hash(number)
    }

    /// Where the word of a member is, until the next change of the table.
    @inline(__always)
    func find(_ member: RawSpan, _ number: Int64?, _ hash: UInt64) -> UnsafeMutablePointer<UInt64>? {
        guard let number, let word = MemberWord(integer: number) else { return unsafe find(member, hash) }
        return unsafe find(word, hash)
    }

    /// Where the word of a member is that is no integer in its word.
    @inline(__always)
    func find(_ member: RawSpan, _ hash: UInt64) -> UnsafeMutablePointer<UInt64>? {
        unsafe block.table.find(hash) { address in
            let word = unsafe MemberWord(address)
            return word.integer == nil && word.bytes.elementsEqual(member)
        }
    }

    /// Where a word with these very bits is.
    @inline(__always)
    func find(_ word: MemberWord, _ hash: UInt64) -> UnsafeMutablePointer<UInt64>? {
        unsafe block.table.find(hash) { unsafe MemberWord($0) == word }
    }
}
