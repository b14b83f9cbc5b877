/// When the recurring work is due. Times are nanoseconds of `Clock.monotonic`.
struct Timers {
    private var nextTick: Int64 = 0
    private var nextSecond: Int64 = 0

    /// Whether the work of every `1/hz` seconds is due; the next is set.
    mutating func isTickDue(_ now: Int64, hz: Int) -> Bool {
        Self.isDue(&nextTick, now, every: 1_000_000_000 / Int64(max(hz, 1)))
    }

    /// Whether the work of every second is due; the next is set.
    mutating func isSecondDue(_ now: Int64) -> Bool {
        Self.isDue(&nextSecond, now, every: 1_000_000_000)
    }

    /// Milliseconds until something is due, at least 0.
    func wait(from now: Int64) -> Int32 {
        let nanoseconds = max(0, min(nextTick, nextSecond) - now)
        return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    private static func isDue(_ next: inout Int64, _ now: Int64, every interval: Int64) -> Bool {
        guard now >= next else { return false }
        // After a pause the work is done once, not as often as it was missed.
        next = now + interval
        return true
    }
}
