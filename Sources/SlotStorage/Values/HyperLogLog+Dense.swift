internal import Memory

/// The registers of the dense form: 6 bits each behind the header, the lowest bits of a byte first.
enum DenseRegisters {
    static func value(_ register: Int, in string: RawSpan) -> UInt8 {
        let (offset, shift) = position(of: register)
        let low = UInt16(string[offset])
        // The last register ends with the last byte.
        let high = shift > 2 ? UInt16(string[offset + 1]) : 0
        return UInt8(truncatingIfNeeded: (low | high << 8) >> UInt16(shift)) & 63
    }

    static func set(_ register: Int, to value: UInt8, in string: inout MutableRawSpan) {
        let (offset, shift) = position(of: register)
        let bits = UInt16(value) << UInt16(shift)
        let mask = ~(UInt16(63) << UInt16(shift))
        string[offset] = string[offset] & UInt8(truncatingIfNeeded: mask) | UInt8(truncatingIfNeeded: bits)
        guard shift > 2 else { return }
        string[offset + 1] =
            string[offset + 1] & UInt8(truncatingIfNeeded: mask >> 8) | UInt8(truncatingIfNeeded: bits >> 8)
    }

    /// Makes a register at least as large as it has to be, and answers whether it was smaller.
    static func raise(_ place: HyperLogLog.Place, in string: inout MutableRawSpan) -> Bool {
        guard value(place.register, in: string.bytes) < place.value else { return false }
        set(place.register, to: place.value, in: &string)
        return true
    }

    private static func position(of register: Int) -> (offset: Int, shift: Int) {
        (HyperLogLog.headerSize + register * 6 / 8, register * 6 % 8)
    }
}

extension HyperLogLog {
    /// Turns a sparse one into a dense one, which it stays; answers whether it was sparse. O(registers).
    @discardableResult
    public mutating func makeDense() throws(Corrupted) -> Bool {
        guard form == .sparse else { return false }
        var dense = ByteBuffer(copying: string.bytes.extracting(0..<Self.headerSize))
        dense.reserveExactly(Self.denseSize - Self.headerSize)
        dense.appendZeros(Self.denseSize - Self.headerSize)
        try writeDense(to: &dense)
        string = dense
        return true
    }

    private func writeDense(to dense: inout ByteBuffer) throws(Corrupted) {
        var bytes = dense.mutableBytes
        bytes[4] = Form.dense.rawValue
        try SparseRuns.forEachRegister(of: string.bytes) { register, value in
            DenseRegisters.set(register, to: value, in: &bytes)
        }
    }

    mutating func raiseDense(_ place: Place) -> Bool {
        var bytes = string.mutableBytes
        return DenseRegisters.raise(place, in: &bytes)
    }

    /// The value of a register of a dense one.
    public func register(_ index: Int) -> UInt8 { DenseRegisters.value(index, in: string.bytes) }
}
