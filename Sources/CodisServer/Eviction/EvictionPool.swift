/// The best keys to evict among all that were looked at lately.
///
/// Each eviction looks at a few keys by chance and takes the best of them *and* of those seen before, so a small sample
/// finds keys that are nearly the best of all (as Redis 3 does since 2014). Candidates are remembered by their hash, not
/// by their place: a key may have gone, moved or been used before its turn comes.
struct EvictionPool {
    struct Candidate: Equatable {
        /// What finds the key again: its hash, database and slot.
        let hash: UInt64
        let database: Int
        let slot: Int
        /// The higher the better to evict; comparable at any two times.
        let score: UInt64
    }

    /// Candidates that are remembered. Redis has 16; with 64 a sample of three is as good as Redis' of five.
    static let capacity = 64

    /// From the worst to the best.
    private var candidates: [Candidate] = []

    var isEmpty: Bool { candidates.isEmpty }
    var count: Int { candidates.count }

    /// Whether a candidate with this score would be remembered.
    func accepts(score: UInt64) -> Bool { count < Self.capacity || score > candidates[0].score }

    /// Remembers a candidate, in the place of the worst if there is no room for more.
    mutating func insert(_ candidate: Candidate) {
        guard accepts(score: candidate.score) else { return }
        var place = candidates.count
        while place > 0, candidates[place - 1].score > candidate.score { place -= 1 }
        // A key that is seen twice has the same score, unless it was used in between.
        var same = place
        while same > 0, candidates[same - 1].score == candidate.score {
            same -= 1
            if candidates[same] == candidate { return }
        }
        candidates.insert(candidate, at: place)
        if candidates.count > Self.capacity { candidates.removeFirst() }
    }

    /// Takes the best candidate out.
    mutating func takeBest() -> Candidate? { candidates.popLast() }

    mutating func removeAll() { candidates.removeAll(keepingCapacity: true) }
}
