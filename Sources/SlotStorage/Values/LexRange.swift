internal import Memory

/// A range of members by their bytes, for sorted sets in which all scores are equal.
public struct LexRange: ~Escapable {
    private let minimum: Bound
    private let maximum: Bound

    /// One end of a range.
    private struct Bound: ~Escapable {
        enum Kind {
            /// Before every member.
            case start
            /// Behind every member.
            case end
            /// A member, which belongs to the range.
            case closed
            /// A member, which does not.
            case open
        }

        let kind: Kind
        let member: RawSpan

        /// `-`, `+`, or a member behind `[` or `(`. As in Redis, what is behind a NUL byte after a sign does not count.
        @_lifetime(copy text)
        init?(_ text: RawSpan) {
            guard text.byteCount > 0 else { return nil }
            let isAlone = text.byteCount == 1 || text[1] == 0
            switch text[0] {
            case UInt8(ascii: "-") where isAlone: kind = .start
            case UInt8(ascii: "+") where isAlone: kind = .end
            case UInt8(ascii: "["): kind = .closed
            case UInt8(ascii: "("): kind = .open
            default: return nil
            }
            member = text.extracting(1..<text.byteCount)
        }
    }

    /// The range that two arguments mean. `nil` where one is none of `-`, `+`, `[member` and `(member`.
    @_lifetime(copy minimum, copy maximum)
    public init?(minimum: RawSpan, maximum: RawSpan) {
        guard let low = Bound(minimum), let high = Bound(maximum) else { return nil }
        self.minimum = low
        self.maximum = high
    }

    /// Whether a member comes before the range.
    func follows(_ member: RawSpan) -> Bool {
        switch minimum.kind {
        case .start: false
        case .end: true
        case .closed: member.compare(minimum.member) < 0
        case .open: member.compare(minimum.member) <= 0
        }
    }

    /// Whether a member is in the range or comes before it.
    func reaches(_ member: RawSpan) -> Bool {
        switch maximum.kind {
        case .start: false
        case .end: true
        case .closed: member.compare(maximum.member) <= 0
        case .open: member.compare(maximum.member) < 0
        }
    }
}
