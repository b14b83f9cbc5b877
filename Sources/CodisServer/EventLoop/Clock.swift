import Glibc

/// The time as the server sees it: read once for each turn of the event loop, and so the same for all commands of a
/// turn.
struct Clock {
    /// Unix time in microseconds.
    private(set) var microseconds: Int64 = 0
    /// Nanoseconds since some fixed moment; never goes back.
    private(set) var monotonic: Int64 = 0

    init() { update() }

    /// Unix time in milliseconds.
    var milliseconds: Int64 { microseconds / 1000 }
    /// Unix time in seconds.
    var seconds: Int64 { microseconds / 1_000_000 }

    mutating func update() {
        microseconds = Self.read(CLOCK_REALTIME) / 1000
        monotonic = Self.monotonicNow()
    }

    mutating func updateMonotonic() { monotonic = Self.monotonicNow() }

    /// Nanoseconds since some fixed moment, at this very moment.
    static func monotonicNow() -> Int64 { read(CLOCK_MONOTONIC) }

    /// Unix time in microseconds at this very moment.
    static func microsecondsNow() -> Int64 { read(CLOCK_REALTIME) / 1000 }

    private static func read(_ clock: Int32) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
