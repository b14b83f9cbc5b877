/// The numbers of `math.random`: the same in every run of a script, so that a replica that runs it does the same. The
/// generator of `lrand48` (POSIX), which Redis has, too.
struct LuaRandom {
    /// 48 bits.
    private var state: UInt64 = 0

    init(seed: Int32 = 0) { state = UInt64(UInt32(bitPattern: seed)) << 16 | 0x330e }

    /// At least 0 and less than 1.
    mutating func next() -> Double {
        state = (state &* 0x5_deec_e66d &+ 0xb) & 0xffff_ffff_ffff
        return Double(Int32(truncatingIfNeeded: state >> 17) % Int32.max) / Double(Int32.max)
    }
}
