/// How much of the event loop a background task may have: at most a millisecond of a turn, so that clients hardly
/// notice it, and at most a quarter of the time as a whole. Times are nanoseconds of `Clock.monotonicNow()`.
struct BackgroundBudget {
    /// The longest slice.
    static let slice: Int64 = 1_000_000
    /// A slice is followed by a pause of three times its length: 25 % of the time are work.
    private static let pauseFactor: Int64 = 3

    private var sliceStart: Int64 = 0
    private var nextStart: Int64 = 0

    /// Begins a slice, or answers `false` when it is too early for one.
    mutating func begin(at now: Int64) -> Bool {
        guard now >= nextStart else { return false }
        sliceStart = now
        return true
    }

    /// Whether the slice that has begun is used up.
    func isSpent(at now: Int64) -> Bool { now - sliceStart >= Self.slice }

    /// Ends the slice that has begun.
    mutating func end(at now: Int64) { nextStart = now + (now - sliceStart) * Self.pauseFactor }

    /// Nanoseconds until a slice may begin, at least 0.
    func pause(from now: Int64) -> Int64 { max(0, nextStart - now) }
}
