internal import Memory

/// A member of a sorted set with its score: a view that is valid until the set changes.
@safe
public struct SortedSetMember: BitwiseCopyable {
    private let kind: Kind
    public let score: Double

    private enum Kind: BitwiseCopyable {
        case inTree(ScoredMember)
        case inList(CompactList, CompactList.Position)
    }

    init(_ member: ScoredMember) {
        kind = .inTree(member)
        score = member.score
    }

    init(_ compact: CompactSortedSet, at position: CompactSortedSet.Position) {
        kind = .inList(compact.list, position)
        score = compact.score(at: position)
    }

    /// Lets `body` see the member's bytes.
    public func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        switch kind {
        case .inTree(let member): body(member.bytes)
        case .inList(let list, let position): list.withBytes(at: position, body)
        }
    }
}
