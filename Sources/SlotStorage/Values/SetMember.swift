internal import Memory

/// A member of a set: a view that is valid until the set changes. Equal views of one set are of the same member.
@safe
public struct SetMember: BitwiseCopyable, Hashable {
    /// The integer, or the bits of a word with an address.
    private let payload: UInt64
    private let isInteger: Bool

    init(_ number: Int64) {
        payload = UInt64(bitPattern: number)
        isInteger = true
    }

    init(_ word: MemberWord) {
        let number = word.integer
        payload = number.map { UInt64(bitPattern: $0) } ?? word.bits
        isInteger = number != nil
    }

    /// The number that the member spells, where it is kept as one.
    public var integer: Int64? { isInteger ? Int64(bitPattern: payload) : nil }

    /// The text of a member that is not kept as an integer.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            precondition(!isInteger, "an integer has no bytes")
            return unsafe _overrideLifetime(MemberWord(bits: payload).bytes, borrowing: self)
        }
    }

    /// Lets `body` see the text, whatever it is kept as.
    public func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        if let integer { integer.withDigits(body) } else { body(bytes) }
    }
}
