extension CRC64 {
    /// Eight tables of 256 for eight bytes a step: `table[k * 256 + b]` is what byte `b` adds to the checksum when `k`
    /// bytes follow it in the word. 16 KiB, made when first used.
    static let table: [UInt64] = {
        var table = [UInt64](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt64(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ reflectedPolynomial : crc >> 1 }
            table[byte] = crc
        }
        for index in 256..<table.count {
            let shorter = table[index - 256]
            table[index] = table[Int(shorter & 255)] ^ shorter >> 8
        }
        return table
    }()

    /// `0xAD93D23594C935A9` with its bits in reverse.
    private static var reflectedPolynomial: UInt64 { 0x95ac_9329_ac4b_c9b5 }
}
