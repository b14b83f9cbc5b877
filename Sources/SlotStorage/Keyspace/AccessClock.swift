/// When a key was used last, in the 30 bits that an entry has for it: ticks of 16.384 ms of Unix time, which come round
/// after 203 days.
///
/// Redis counts seconds in 24 bits. Where thousands of keys are used in each second, all of them are equally old then,
/// and eviction by age is a lottery among them; the bits between cost nothing here.
public enum AccessClock {
    static var bits: UInt32 { 0x3fff_ffff }

    /// The tick of a time in Unix microseconds.
    @inlinable
    public static func tick(atMicroseconds time: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: time >> 14) & 0x3fff_ffff
    }

    /// Ticks from a use of a key until `now`.
    public static func age(of tick: UInt32, at now: UInt32) -> UInt32 { (now &- tick) & bits }

    /// Whole seconds from a use of a key until `now`.
    public static func seconds(since tick: UInt32, until now: UInt32) -> Int {
        (Int(age(of: tick, at: now)) << 14) / 1_000_000
    }
}
