/// Runs of bytes as runs of bits, in Redis' order: bit 0 is the highest bit of the first byte.
extension RawSpan {
    /// The bit at `index`; bits behind the end are clear. O(1).
    public func bit(at index: Int) -> Bool {
        precondition(index >= 0, "a negative bit index")
        guard index >> 3 < byteCount else { return false }
        return self[index >> 3] & Self.mask(ofBit: index) != 0
    }

    /// How many bits are set. O(n), eight bytes a step.
    public var setBitCount: Int {
        var total = 0
        var offset = 0
        while offset <= byteCount - 8 {
            total += word(at: offset).nonzeroBitCount
            offset += 8
        }
        while offset < byteCount {
            total += self[offset].nonzeroBitCount
            offset += 1
        }
        return total
    }

    /// The index of the first bit that is set, or of the first that is clear. O(n), eight bytes a step.
    public func firstBit(thatIs isSet: Bool) -> Int? {
        // A word without such a bit.
        let useless: UInt64 = isSet ? 0 : .max
        var offset = 0
        while offset <= byteCount - 8 {
            let found = word(at: offset) ^ useless
            if found != 0 { return offset * 8 + found.bigEndian.leadingZeroBitCount }
            offset += 8
        }
        while offset < byteCount {
            let found = self[offset] ^ UInt8(truncatingIfNeeded: useless)
            if found != 0 { return offset * 8 + found.leadingZeroBitCount }
            offset += 1
        }
        return nil
    }

    @inline(__always)
    fileprivate func word(at offset: Int) -> UInt64 {
        // Callers keep eight bytes before the end.
        unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
    }

    fileprivate static func mask(ofBit index: Int) -> UInt8 { 0x80 >> UInt8(truncatingIfNeeded: index & 7) }
}

/// What BITOP makes of two bits.
public enum BitOperation: Sendable {
    case and
    case or
    case exclusiveOr
}

extension MutableRawSpan {
    /// Sets or clears the bit at `index`, and answers what it was; traps behind the end. O(1).
    public mutating func setBit(at index: Int, to isSet: Bool) -> Bool {
        let mask = RawSpan.mask(ofBit: index)
        let old = self[index >> 3]
        self[index >> 3] = isSet ? old | mask : old & ~mask
        return old & mask != 0
    }

    /// Combines the bits with those of `other`, which must not be longer; where it ends, clear bits follow. O(n), eight
    /// bytes a step.
    public mutating func combine(_ operation: BitOperation, with other: RawSpan) {
        precondition(other.byteCount <= byteCount, "more bits than there is room for")
        switch operation {
        case .and:
            combine(other) { $0 & $1 }
            clear(from: other.byteCount)
        case .or: combine(other) { $0 | $1 }
        case .exclusiveOr: combine(other) { $0 ^ $1 }
        }
    }

    /// Sets the clear bits and clears the set ones. O(n).
    public mutating func invertBits() {
        var offset = 0
        while offset <= byteCount - 8 {
            setWord(~bytes.word(at: offset), at: offset)
            offset += 8
        }
        while offset < byteCount {
            self[offset] = ~self[offset]
            offset += 1
        }
    }

    @inline(__always)
    private mutating func combine(_ other: RawSpan, _ combined: (UInt64, UInt64) -> UInt64) {
        var offset = 0
        while offset <= other.byteCount - 8 {
            setWord(combined(bytes.word(at: offset), other.word(at: offset)), at: offset)
            offset += 8
        }
        while offset < other.byteCount {
            self[offset] = UInt8(truncatingIfNeeded: combined(UInt64(self[offset]), UInt64(other[offset])))
            offset += 1
        }
    }

    @inline(__always)
    private mutating func setWord(_ word: UInt64, at offset: Int) {
        // Callers keep eight bytes before the end.
        unsafe storeBytes(of: word, toUncheckedByteOffset: offset, as: UInt64.self)
    }
}
