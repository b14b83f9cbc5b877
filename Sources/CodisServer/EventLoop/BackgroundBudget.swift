/// How much of the event loop a background task may have: at most a millisecond of a turn, so that clients hardly
/// notice it, and at most a quarter of the time as a whole while clients have something to do. Times are nanoseconds of
/// `Clock.monotonicNow()`.
struct BackgroundBudget {
    /// The longest slice.
    static let slice: Int64 = 1_000_000
    /// A slice is followed by a pause of three times its length: 25 % of the time are work.
    private static let pauseFactor: Int64 = 3

    private let slice: Int64
    private var sliceStart: Int64 = 0
    private var nextStart: Int64 = 0

    init(slice: Int64 = slice) { self.slice = slice }

    /// Begins a slice, or answers `false` when it is too early for one. It never is while nobody else has anything to
    /// do.
    mutating func begin(at now: Int64, isIdle: Bool = false) -> Bool {
        guard now >= nextStart || isIdle else { return false }
        sliceStart = now
        return true
    }

    /// Whether the slice that has begun is used up.
    func isSpent(at now: Int64) -> Bool { now - sliceStart >= slice }

    /// Ends the slice that has begun. `extra` is work that was done for the same purpose outside of slices; that of
    /// more than ``mostExtra`` is forgiven, so that slices never become too rare.
    mutating func end(at now: Int64, extra: Int64 = 0) {
        nextStart = now + (now - sliceStart + min(extra, Self.mostExtra)) * Self.pauseFactor
    }

    private static let mostExtra: Int64 = 1_000_000

    /// Nanoseconds until a slice may begin, at least 0.
    func pause(from now: Int64) -> Int64 { max(0, nextStart - now) }
}
