/// Lengths in the records of tables: seven bits a byte, the lowest first, the top bit set in all bytes but the last
/// (LEB128). One byte up to 127, two up to 16,383.
enum RecordLength {
    /// The bytes that `length` takes.
    @inline(__always)
    static func width(of length: Int) -> Int {
        length < 1 << 7 ? 1 : (Int.bitWidth - length.leadingZeroBitCount + 6) / 7
    }

    /// Writes `length` and answers where the bytes behind it begin.
    @unsafe
    @inline(__always)
    static func write(_ length: Int, to place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var place = unsafe place
        var rest = length
        while rest >= 1 << 7 {
            unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            unsafe place += 1
            rest >>= 7
        }
        unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        return unsafe place + 1
    }

    /// Reads a length and answers where the bytes behind it begin.
    @unsafe
    @inline(__always)
    static func read(from place: UnsafeMutableRawPointer) -> (length: Int, next: UnsafeMutableRawPointer) {
        var place = unsafe place
        var byte = unsafe place.load(as: UInt8.self)
        var length = Int(byte & 0x7f)
        var shift = 7
        while byte & 0x80 != 0 {
            unsafe place += 1
            unsafe byte = place.load(as: UInt8.self)
            length |= Int(byte & 0x7f) << shift
            shift += 7
        }
        return unsafe (length, place + 1)
    }
}
