public import Memory

/// A HyperLogLog: how many different elements were added, within about 0.81 %, in at most 12,304 bytes.
///
/// It is a string of the form that Redis 2.8 gave it, so that clients can read and store it as such:
///
///     4 bytes   "HYLL"      1 byte    0 dense, 1 sparse      3 bytes   unused
///     8 bytes   the cardinality counted last, little-endian; its highest bit says that it is out of date
///     n bytes   16,384 registers of 6 bits
///
/// Each register keeps the longest run of zero bits seen in the hashes of the elements that fall to it. The dense form
/// (`HyperLogLog+Dense.swift`) is an array of them, the sparse one (`HyperLogLog+Sparse.swift`) a list of runs.
/// Clients can store any bytes, so a string that is a HyperLogLog by its header may turn out to be `Corrupted`.
public struct HyperLogLog: ~Copyable {
    public enum Form: UInt8, Sendable {
        case dense = 0
        case sparse = 1
    }

    /// The runs of a sparse one do not make 16,384 registers.
    public struct Corrupted: Error {
        init() {}
    }

    public static let registerCount = 1 << 14
    static let headerSize = 16
    public static let denseSize = headerSize + registerCount * 6 / 8

    /// The whole string, as a database stores it.
    public internal(set) var string = ByteBuffer()

    /// One without elements, sparse.
    public init() {
        string.append(Self.magic.bytes)
        string.append(Form.sparse.rawValue)
        string.appendZeros(Self.headerSize - string.count)
        appendZeroRun(Self.registerCount)
    }

    /// A copy of a string whose ``form(of:)`` is known. O(n).
    public init(copying string: RawSpan) {
        precondition(Self.form(of: string) != nil, "not a HyperLogLog")
        self.string.append(string)
    }

    private static let magic: StaticString = "HYLL"

    /// The form of a HyperLogLog by its header and size; `nil` for any other string. O(1).
    public static func form(of string: RawSpan) -> Form? {
        guard string.byteCount >= headerSize, string.extracting(0..<4).elementsEqual(magic.bytes),
            let form = Form(rawValue: string[4]), form == .sparse || string.byteCount == denseSize
        else { return nil }
        return form
    }

    public var form: Form {
        // A string of another form is refused by the initialiser.
        Self.form(of: string.bytes) ?? .sparse
    }

    /// Adds an element, and answers whether a register changed. O(1) where it is dense, else O(n).
    ///
    /// A sparse one becomes dense when it would grow beyond `sparseLimit` bytes, or when a run of zero bits is longer
    /// than the sparse form can tell.
    public mutating func add(_ element: RawSpan, sparseLimit: Int) throws(Corrupted) -> Bool {
        let place = Self.place(of: element)
        switch form {
        case .dense: return raiseDense(place)
        case .sparse: return try raiseSparse(place, limit: sparseLimit)
        }
    }

    /// Adds an element to a dense one where it lies. O(length of the element).
    public static func add(_ element: RawSpan, toDense string: inout MutableRawSpan) -> Bool {
        precondition(form(of: string.bytes) == .dense, "not a dense HyperLogLog")
        return DenseRegisters.raise(place(of: element), in: &string)
    }

    // MARK: The hash

    /// The register an element falls to, and what it has to hold at least.
    struct Place {
        let register: Int
        let value: UInt8
    }

    private static let hashSeed: UInt64 = 0xadc8_3b19

    /// The low 14 bits of the hash are the register; the zero bits that follow, and one more, make the value.
    private static func place(of element: RawSpan) -> Place {
        let hash = MurmurHash64A.hash(element, seed: hashSeed)
        let rest = (hash | 1 << 63) >> 14
        return Place(
            register: Int(truncatingIfNeeded: hash) & (registerCount - 1), value: UInt8(rest.trailingZeroBitCount + 1))
    }

    // MARK: The cardinality in the header

    /// The cardinality that was counted last, if nothing was added since.
    public static func knownCardinality(of string: RawSpan) -> UInt64? {
        guard let word = string.word(at: 8), word >> 63 == 0 else { return nil }
        return word
    }

    /// Notes the cardinality, `nil` when it is out of date.
    public static func setKnownCardinality(_ cardinality: UInt64?, in string: inout MutableRawSpan) {
        guard let cardinality else {
            string[15] |= 0x80
            return
        }
        for index in 0..<8 { string[8 + index] = UInt8(truncatingIfNeeded: cardinality >> UInt64(8 * index)) }
    }

    public mutating func forgetCardinality() {
        var bytes = string.mutableBytes
        Self.setKnownCardinality(nil, in: &bytes)
    }
}
