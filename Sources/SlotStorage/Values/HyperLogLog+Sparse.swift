internal import Memory

/// A run of registers with the same value, as the sparse form writes it:
///
///     00nnnnnn              n + 1 registers of 0
///     01nnnnnn nnnnnnnn     n + 1 registers of 0
///     1vvvvvnn              n + 1 registers of v + 1
struct SparseRun {
    /// 0 to 32.
    let value: UInt8
    /// How many registers.
    let length: Int
    /// How many bytes it takes in the string, if it is there to the end.
    let size: Int

    static let longestShortZeroRun = 64
    static let longestValueRun = 4
    static let highestValue: UInt8 = 32

    /// The run that begins at `offset`. A second byte that is missing counts as 0, as the end of a C string did.
    init(at offset: Int, in string: RawSpan) {
        let byte = string[offset]
        if byte & 0x80 != 0 {
            value = byte >> 2 & 31 + 1
            length = Int(byte & 3) + 1
            size = 1
        } else if byte & 0x40 == 0 {
            value = 0
            length = Int(byte) + 1
            size = 1
        } else {
            let low = offset + 1 < string.byteCount ? Int(string[offset + 1]) : 0
            value = 0
            length = Int(byte & 63) << 8 + low + 1
            size = 2
        }
    }

    static func byte(ofValue value: UInt8, length: Int) -> UInt8 {
        0x80 | (value - 1) << 2 | UInt8(truncatingIfNeeded: length - 1)
    }
}

enum SparseRuns {
    /// Visits the registers that are not 0. O(n).
    static func forEachRegister(
        of string: RawSpan, _ visit: (Int, UInt8) -> Void
    ) throws(HyperLogLog.Corrupted) {
        try forEachRun(of: string) { first, run in
            if run.value > 0 { for register in first..<first + run.length { visit(register, run.value) } }
        }
    }

    /// Visits all runs with their first registers. O(n).
    static func forEachRun(of string: RawSpan, _ visit: (Int, SparseRun) -> Void) throws(HyperLogLog.Corrupted) {
        var first = 0
        var offset = HyperLogLog.headerSize
        while offset < string.byteCount {
            let run = SparseRun(at: offset, in: string)
            guard first + run.length <= HyperLogLog.registerCount else { throw HyperLogLog.Corrupted() }
            visit(first, run)
            first += run.length
            offset += run.size
        }
        guard first == HyperLogLog.registerCount else { throw HyperLogLog.Corrupted() }
    }
}

extension HyperLogLog {
    mutating func appendZeroRun(_ length: Int) {
        var bytes = RunBytes()
        bytes.append(zeros: length)
        string.append(bytes.span)
    }

    /// Makes a register at least as large as it has to be, and answers whether it was smaller. The steps, and so the
    /// bytes that come of them, are those of Redis: find the run, split it in three, join equal neighbours.
    mutating func raiseSparse(_ place: Place, limit: Int) throws(Corrupted) -> Bool {
        if place.value > SparseRun.highestValue { return try raiseAsDense(place) }
        let found = try findRun(of: place.register)
        let run = found.run
        if run.value >= place.value { return false }
        if run.length == 1, run.size == 1 {
            setByte(at: found.offset, to: SparseRun.byte(ofValue: place.value, length: 1))
        } else {
            let before = place.register - found.first
            var bytes = RunBytes()
            bytes.append(run.value, before)
            bytes.append(place.value, 1)
            bytes.append(run.value, run.length - before - 1)
            // A long run that is cut off at the end has one byte only.
            let end = min(found.offset + run.size, string.count)
            if bytes.count > run.size, string.count + bytes.count - run.size > limit {
                return try raiseAsDense(place)
            }
            string.replace(found.offset..<end, with: bytes.span)
        }
        joinRuns(from: found.previous ?? found.offset)
        forgetCardinality()
        return true
    }

    private mutating func raiseAsDense(_ place: Place) throws(Corrupted) -> Bool {
        try makeDense()
        return raiseDense(place)
    }

    private func findRun(
        of register: Int
    ) throws(Corrupted) -> (offset: Int, previous: Int?, first: Int, run: SparseRun) {
        var first = 0
        var offset = Self.headerSize
        var previous: Int?
        while offset < string.count {
            let run = SparseRun(at: offset, in: string.bytes)
            if register < first + run.length { return (offset, previous, first, run) }
            previous = offset
            first += run.length
            offset += run.size
        }
        throw Corrupted()
    }

    /// Joins neighbouring runs of the same value among the five from `offset` on, where one run can hold both.
    private mutating func joinRuns(from start: Int) {
        var offset = start
        for _ in 0..<5 where offset < string.count {
            let run = SparseRun(at: offset, in: string.bytes)
            if run.value > 0, offset + 1 < string.count {
                let next = SparseRun(at: offset + 1, in: string.bytes)
                let length = run.length + next.length
                if next.value == run.value, length <= SparseRun.longestValueRun {
                    setByte(at: offset, to: SparseRun.byte(ofValue: run.value, length: length))
                    string.replace(offset + 1..<offset + 2, with: RawSpan())
                    continue
                }
            }
            offset += run.size
        }
    }

    private mutating func setByte(at offset: Int, to byte: UInt8) {
        var bytes = string.mutableBytes
        bytes[offset] = byte
    }

    /// The runs as text, as PFDEBUG DECODE shows them: `z:` and `Z:` with a length, `v:` with value and length.
    public static func decoded(_ string: RawSpan) -> String {
        var words: [String] = []
        var offset = headerSize
        while offset < string.byteCount {
            let run = SparseRun(at: offset, in: string)
            words.append(run.value > 0 ? "v:\(run.value),\(run.length)" : "\(run.size == 1 ? "z" : "Z"):\(run.length)")
            offset += run.size
        }
        return words.joined(separator: " ")
    }
}

/// Up to three runs being written: five bytes at most.
private struct RunBytes {
    private var bytes: [5 of UInt8] = .init(repeating: 0)
    private(set) var count = 0

    var span: RawSpan {
        @_lifetime(borrow self)
        get {
            // Bytes have no padding that could be seen.
            unsafe bytes.span.bytes.extracting(0..<count)
        }
    }

    mutating func append(_ value: UInt8, _ length: Int) {
        if value == 0 { return append(zeros: length) }
        if length > 0 { append(SparseRun.byte(ofValue: value, length: length)) }
    }

    mutating func append(zeros length: Int) {
        guard length > 0 else { return }
        if length > SparseRun.longestShortZeroRun {
            append(0x40 | UInt8(truncatingIfNeeded: (length - 1) >> 8))
            append(UInt8(truncatingIfNeeded: length - 1))
        } else {
            append(UInt8(truncatingIfNeeded: length - 1))
        }
    }

    private mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }
}
