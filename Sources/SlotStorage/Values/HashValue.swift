internal import Memory

/// The fields of a hash with their values, compact or as a table.
///
/// - `compactList`: field, value, field, value... in a `CompactList`, in the order in which they came. Every operation
///   is O(n), which is faster than anything else while n is small.
/// - `table`: a `BucketTable` of `FieldRecord`s, one allocation a field. Find, set and remove are O(1) expected.
///
/// A hash becomes a table when it outgrows its `EncodingLimits`, and stays one. It is a plain handle with manual
/// ownership, like `Value`: a change may move what it refers to, and then only the changed handle is right.
@safe
public struct HashValue: BitwiseCopyable {
    public internal(set) var encoding: ValueEncoding
    /// The address of the list or the table.
    var payload: UInt64

    init(encoding: ValueEncoding, payload: UInt64) {
        self.encoding = encoding
        self.payload = payload
    }

    /// The hash that `value` is; traps when it is something else.
    public init(_ value: Value) {
        precondition(value.type == .hash, "not a hash")
        self.init(encoding: value.encoding, payload: value.payload)
    }

    /// A hash without fields, in compact form. The caller frees it or gives its ``value`` away.
    public static func empty() -> HashValue {
        HashValue(encoding: .compactList, payload: CompactList.make().payload)
    }

    /// The same hash as a value for a database.
    public var value: Value { Value(type: .hash, encoding: encoding, payload: payload) }

    /// Gives back all memory. O(n) for a table.
    public func free() {
        if encoding == .compactList { return list.free() }
        unsafe block.table.forEach { unsafe FieldRecord($0).free() }
        block.free()
    }

    /// About how many allocations ``free()`` gives back.
    public var freeEffort: Int { encoding == .compactList ? 1 : block.table.count }

    // MARK: Asking

    /// Fields in the hash.
    public var count: Int { encoding == .compactList ? list.count / 2 : block.table.count }

    public func contains(_ field: RawSpan) -> Bool {
        if encoding == .compactList { return position(of: field) != nil }
        return unsafe word(of: field, Hashing.hash(field)) != nil
    }

    /// Lets `body` see the value of a field; `false` when there is no such field.
    public func withValue(of field: RawSpan, _ body: (RawSpan) -> Void) -> Bool {
        if encoding == .compactList {
            guard let position = position(of: field) else { return false }
            list.withBytes(at: valuePosition(behind: position), body)
        } else {
            guard let word = unsafe word(of: field, Hashing.hash(field)) else { return false }
            let record = unsafe FieldRecord(Word.address(word.pointee))
            body(record.value)
        }
        return true
    }

    /// The length of a field's value in bytes.
    public func valueLength(of field: RawSpan) -> Int? {
        if encoding == .compactList {
            return position(of: field).map { list.length(at: valuePosition(behind: $0)) }
        }
        guard let word = unsafe word(of: field, Hashing.hash(field)) else { return nil }
        let record = unsafe FieldRecord(Word.address(word.pointee))
        return record.value.byteCount
    }

    // MARK: Parts

    var list: CompactList { CompactList(payload: payload) }
    var block: TableBlock<FieldRecord> { TableBlock(payload: payload) }

    @inline(__always)
    func position(of field: RawSpan) -> CompactList.Position? {
        list.first.flatMap { list.find(field, from: $0, skipping: 1) }
    }

    @inline(__always)
    func valuePosition(behind position: CompactList.Position) -> CompactList.Position {
        guard let next = list.next(after: position) else { preconditionFailure("a field without a value") }
        return next
    }

    /// Where the field's word is, until the next change of the table.
    @inline(__always)
    func word(of field: RawSpan, _ hash: UInt64) -> UnsafeMutablePointer<UInt64>? {
        unsafe block.table.find(hash) { address in
            let record = unsafe FieldRecord(address)
            return record.field.elementsEqual(field)
        }
    }
}
