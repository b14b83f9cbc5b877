internal import Memory

/// A field of a hash in table form with its value, in one allocation.
///
///     1.. bytes   length of the field      1.. bytes   length of the value      (both `RecordLength`)
///     n bytes     the field
///     n bytes     the value
///
/// A field and a value of 12 bytes each take 26 bytes, 32 in jemalloc.
@safe
struct FieldRecord: BucketElement, BitwiseCopyable {
    let base: UnsafeMutableRawPointer

    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// A record with copies of both. O(length).
    static func make(_ field: RawSpan, _ value: RawSpan) -> FieldRecord {
        let record = unsafe FieldRecord(Heap.allocate(size(field.byteCount, value.byteCount)))
        let place = unsafe record.writeLengths(field.byteCount, value.byteCount)
        unsafe copy(field, to: place)
        unsafe copy(value, to: place + field.byteCount)
        return record
    }

    static func hash(at address: UnsafeMutableRawPointer) -> UInt64 {
        let record = unsafe FieldRecord(address)
        return Hashing.hash(record.field)
    }

    var field: RawSpan {
        @_lifetime(borrow self)
        @inline(__always)
        get {
            let layout = unsafe self.layout
            return unsafe _overrideLifetime(
                RawSpan(_unsafeStart: layout.field, byteCount: layout.fieldLength), borrowing: self)
        }
    }

    var value: RawSpan {
        @_lifetime(borrow self)
        @inline(__always)
        get {
            let layout = unsafe self.layout
            return unsafe _overrideLifetime(
                RawSpan(_unsafeStart: layout.field + layout.fieldLength, byteCount: layout.valueLength), borrowing: self
            )
        }
    }

    /// Gives the field another value, in place where jemalloc's class for the new size is the one it has. Answers where
    /// the record is now: when that differs, the old place is gone. O(length).
    func replacingValue(with value: RawSpan) -> FieldRecord {
        let old = unsafe layout
        let oldSize = unsafe Self.size(old.fieldLength, old.valueLength)
        let newSize = unsafe Self.size(old.fieldLength, value.byteCount)
        if Heap.usableSize(for: oldSize) == Heap.usableSize(for: newSize) {
            // The field moves when the length before it gets wider or narrower.
            let width = unsafe RecordLength.width(of: old.fieldLength) + RecordLength.width(of: value.byteCount)
            let place = unsafe base + width
            if unsafe place != old.field { unsafe place.copyMemory(from: old.field, byteCount: old.fieldLength) }
            _ = unsafe writeLengths(old.fieldLength, value.byteCount)
            unsafe Self.copy(value, to: place + old.fieldLength)
            return self
        }
        let moved = Self.make(field, value)
        unsafe Heap.free(base, oldSize)
        return moved
    }

    func free() { unsafe Heap.free(base, size) }

    /// Bytes of memory that it takes.
    var allocatedSize: Int { Heap.usableSize(for: size) }

    private var size: Int {
        let layout = unsafe self.layout
        return unsafe Self.size(layout.fieldLength, layout.valueLength)
    }

    private var layout: (field: UnsafeMutableRawPointer, fieldLength: Int, valueLength: Int) {
        @inline(__always)
        get {
            let (fieldLength, next) = unsafe RecordLength.read(from: base)
            let (valueLength, field) = unsafe RecordLength.read(from: next)
            return unsafe (field, fieldLength, valueLength)
        }
    }

    /// Answers where the field begins.
    private func writeLengths(_ fieldLength: Int, _ valueLength: Int) -> UnsafeMutableRawPointer {
        let next = unsafe RecordLength.write(fieldLength, to: base)
        return unsafe RecordLength.write(valueLength, to: next)
    }

    private static func size(_ fieldLength: Int, _ valueLength: Int) -> Int {
        RecordLength.width(of: fieldLength) + RecordLength.width(of: valueLength) + fieldLength + valueLength
    }

    private static func copy(_ bytes: RawSpan, to place: UnsafeMutableRawPointer) {
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe place.copyMemory(from: start, byteCount: source.count)
        }
    }
}
