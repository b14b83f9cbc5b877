internal import Memory

/// The checksum of RDB files and payloads: CRC-64 with Jones' polynomial, reflected, initial value 0, no final xor.
/// `123456789` gives `0xE9C6D914C4B8D9CA`.
public enum CRC64 {
    /// The checksum of `bytes` behind others that gave `crc`. O(n), eight bytes a step.
    public static func checksum(_ bytes: RawSpan, continuing crc: UInt64 = 0) -> UInt64 {
        unsafe table.withUnsafeBufferPointer { table in
            // An array of 2048 elements has a base address, and every index below is under 2048.
            let table = unsafe table.baseAddress.unsafelyUnwrapped
            var crc = crc
            var index = 0
            while bytes.byteCount - index >= 8 {
                let word = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self) ^ crc
                var sum: UInt64 = 0
                for k in 0..<8 {
                    sum ^= unsafe table[(7 - k) * 256 + Int(truncatingIfNeeded: word >> UInt64(8 * k) & 255)]
                }
                crc = sum
                index += 8
            }
            while index < bytes.byteCount {
                crc = unsafe table[Int(truncatingIfNeeded: (crc ^ UInt64(bytes[index])) & 255)] ^ (crc >> 8)
                index += 1
            }
            return crc
        }
    }
}
