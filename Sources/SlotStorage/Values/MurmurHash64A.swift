internal import Memory

/// Austin Appleby's MurmurHash2 for 64-bit machines, bytes read in little-endian order.
///
/// It is part of the form of stored HyperLogLogs: another function would make the same element count twice.
enum MurmurHash64A {
    private static let multiplier: UInt64 = 0xc6a4_a793_5bd1_e995

    /// O(length).
    static func hash(_ bytes: RawSpan, seed: UInt64) -> UInt64 {
        var hash = seed ^ (UInt64(truncatingIfNeeded: bytes.byteCount) &* multiplier)
        var offset = 0
        while let word = bytes.word(at: offset) {
            hash = (hash ^ mixed(word)) &* multiplier
            offset += 8
        }
        if offset < bytes.byteCount {
            var rest: UInt64 = 0
            for index in offset..<bytes.byteCount { rest |= UInt64(bytes[index]) << UInt64(8 * (index - offset)) }
            hash = (hash ^ rest) &* multiplier
        }
        hash ^= hash >> 47
        hash = hash &* multiplier
        return hash ^ hash >> 47
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        let product = word &* multiplier
        return (product ^ product >> 47) &* multiplier
    }
}
