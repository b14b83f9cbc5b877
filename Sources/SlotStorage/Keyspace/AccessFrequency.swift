/// How often a key was used, about, in 24 of the bits that an entry has for its access clock, as Redis 4 keeps it.
///
///     bits 0..7    a counter that grows with the logarithm of the uses
///     bits 8..23   the minute, of Unix time, in which the counter was counted down last; it comes round after 45 days
///
/// One use in `1 / ((counter - 5) * factor + 1)` counts. With a factor of 10, a counter of 255 stands for a million
/// uses. It is counted down by one for each `decay` minutes in which the key was not used.
public struct AccessFrequency: Equatable, Sendable {
    public private(set) var counter: UInt8
    private var minute: UInt16

    /// Where a new key begins, so that it is not the first to go before it had time to be used: `LFU_INIT_VAL` of Redis.
    private static let initial: UInt8 = 5

    /// That of a key that is new at a time in Unix microseconds.
    public init(newAtMicroseconds time: Int64) {
        counter = Self.initial
        minute = Self.minute(of: time)
    }

    public init(bits: UInt32) {
        counter = UInt8(truncatingIfNeeded: bits)
        minute = UInt16(truncatingIfNeeded: bits >> 8)
    }

    public var bits: UInt32 { UInt32(counter) | UInt32(minute) << 8 }

    /// Counts down by the time that has passed; a `decay` of 0 minutes is none.
    public mutating func decay(toMicroseconds time: Int64, minutesPerStep decay: Int) {
        let now = Self.minute(of: time)
        let elapsed = Int(now &- minute)
        if decay > 0 { counter -= UInt8(min(elapsed / decay, Int(counter))) }
        minute = now
    }

    /// Counts one use.
    public mutating func count(logFactor factor: Int, _ random: inout some RandomNumberGenerator) {
        guard counter < .max else { return }
        let above = counter > Self.initial ? Double(counter - Self.initial) : 0
        if Double.random(in: 0..<1, using: &random) * (above * Double(factor) + 1) < 1 { counter += 1 }
    }

    private static func minute(of time: Int64) -> UInt16 { UInt16(truncatingIfNeeded: time / 60_000_000) }
}
