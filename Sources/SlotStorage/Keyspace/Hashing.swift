internal import CXXHash  // functions carry the prefix that XXH_INLINE_ALL gives them
internal import Memory

/// The hash of every table in memory: XXH3 (libxxhash), seeded at start so that nobody outside can aim at a bucket.
enum Hashing {
    // Set once by `Keyspace.init`, before anything is hashed, and only read afterwards.
    nonisolated(unsafe) private static var seed: UInt64 = 0

    static func setSeed(_ value: UInt64) { unsafe seed = value }

    /// 64 well-mixed bits of `bytes`. O(n), about 2 ns for a key of 16 bytes.
    @inline(__always)
    static func hash(_ bytes: RawSpan) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe XXH_INLINE_XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
    }

    /// 64 well-mixed bits of a number.
    @inline(__always)
    static func hash(_ number: UInt64) -> UInt64 {
        let (high, low) = unsafe (number ^ seed ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return high ^ low
    }
}
