/// The slot function, for finding names that fall into a given slot.
///
/// `slot = CRC32(key) & 1023` for keys without a tag; the CRC is zlib's.
struct SlotHash {
    private var state: UInt32 = .max

    /// Goes on with `bytes`, so that names with a common beginning need not repeat it.
    mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8)
        }
    }

    var slot: Int { Int(~state & 1023) }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    }
}
