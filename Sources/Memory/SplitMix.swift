/// Random numbers for choices that nobody must be able to steer but that are no secret: SplitMix64 (Steele, Lea and
/// Flood, 2014), seeded from the system. Some nanoseconds a number, where the system's own generator takes a call.
@frozen
public struct SplitMix: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    public init() {
        var system = SystemRandomNumberGenerator()
        self.init(seed: system.next())
    }

    /// The same numbers for the same seed.
    public init(seed: UInt64) { state = seed }

    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
