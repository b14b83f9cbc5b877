internal import Memory

/// A value without a key: what a database stores, and what decoding a payload gives.
///
/// It is a plain word with manual ownership, so that values can wait in ordinary arrays: whoever holds a value gives
/// it to a
/// `Database` or calls ``free()``, once.
@safe
public struct Value: BitwiseCopyable {
    let type: ValueType
    let encoding: ValueEncoding
    /// The integer, or the address of what the encoding says.
    let payload: UInt64

    init(integer: Int64) {
        type = .string
        encoding = .integer
        payload = UInt64(bitPattern: integer)
    }

    init(string block: StringBlock) {
        type = .string
        encoding = .block
        payload = unsafe UInt64(UInt(bitPattern: block.base))
    }

    init(type: ValueType, encoding: ValueEncoding, payload: UInt64) {
        self.type = type
        self.encoding = encoding
        self.payload = payload
    }

    /// A string value that holds a copy of `bytes`, or the number they spell.
    public init(copying bytes: RawSpan) {
        if let number = Value.integer(in: bytes) {
            self.init(integer: number)
        } else {
            let block = StringBlock.allocate(count: bytes.byteCount)
            unsafe bytes.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                unsafe block.start.copyMemory(from: start, byteCount: source.count)
            }
            self.init(string: block)
        }
    }

    /// The number that a string is kept as, if it is kept as one: canonical 64-bit decimals are.
    static func integer(in bytes: RawSpan) -> Int64? {
        bytes.byteCount <= 20 ? Int64(canonical: bytes) : nil
    }

    var block: StringBlock? {
        guard encoding == .block, let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(payload)) else {
            return nil
        }
        return unsafe StringBlock(base)
    }

    /// Gives back the memory of a value that no database took.
    public func free() {
        switch encoding {
        case .inline, .integer: break
        case .block: block?.free()
        case .compactList, .integerSet, .table, .chunks, .tree: freeCollection()
        }
    }

    /// How long ``free()`` takes, about, in allocations given back.
    public var freeEffort: Int {
        switch encoding {
        case .inline, .integer: 0
        case .block, .compactList, .integerSet: 1 + estimatedSize / Self.bytesOfEffort
        case .table, .chunks, .tree: freeEffortOfCollection
        }
    }

    /// Bytes of a block that make an effort as one allocation does: jemalloc gives blocks of 8 MiB and more back to the
    /// system at once (`opt.oversize_threshold`), which takes a millisecond for a few of them.
    private static let bytesOfEffort = 128 << 10

    private var freeEffortOfCollection: Int {
        switch type {
        case .hash: HashValue(self).freeEffort
        case .set: SetValue(self).freeEffort
        case .list: ListValue(self).freeEffort
        case .sortedSet: SortedSetValue(self).freeEffort
        case .string: preconditionFailure("a value of another encoding")
        }
    }

    private func freeCollection() {
        switch type {
        case .hash: HashValue(self).free()
        case .set: SetValue(self).free()
        case .list: ListValue(self).free()
        case .sortedSet: SortedSetValue(self).free()
        case .string: preconditionFailure("a value of another encoding")
        }
    }
}
