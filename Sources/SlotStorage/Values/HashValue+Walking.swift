internal import Memory

extension HashValue {
    /// Visits every field with its value, without copying them: in the order they came for a compact hash, in none for
    /// a table. The hash must not change meanwhile. O(n).
    public func forEach(_ visit: (_ field: RawSpan, _ value: RawSpan) -> Void) {
        if encoding == .compactList {
            let list = self.list
            var next = list.first
            while let position = next {
                let valuePosition = self.valuePosition(behind: position)
                list.withBytes(at: position) { field in
                    list.withBytes(at: valuePosition) { value in visit(field, value) }
                }
                next = list.next(after: valuePosition)
            }
        } else {
            unsafe block.table.forEach { address in
                let record = unsafe FieldRecord(address)
                visit(record.field, record.value)
            }
        }
    }

    /// One step of a scan: visits some fields and answers the next cursor; 0 starts and ends. Every field that is there
    /// all the time is visited, at least once, whatever comes and goes between the steps. A compact hash is visited in
    /// one step.
    public func scan(_ cursor: UInt64, _ visit: (HashField) -> Void) -> UInt64 {
        guard encoding == .compactList else {
            return unsafe block.table.scan(cursor) { unsafe visit(HashField(FieldRecord($0))) }
        }
        let list = self.list
        var next = list.first
        while let position = next {
            visit(HashField(list, position))
            next = list.next(after: valuePosition(behind: position))
        }
        return 0
    }
}

/// A field of a hash with its value: a view that is valid until the hash changes.
@safe
public struct HashField: BitwiseCopyable {
    private enum Place: BitwiseCopyable {
        case compact(CompactList, CompactList.Position)
        case record(FieldRecord)
    }

    private let place: Place

    init(_ list: CompactList, _ position: CompactList.Position) { place = .compact(list, position) }

    init(_ record: FieldRecord) { place = .record(record) }

    /// Lets `body` see the field's name.
    public func withName<Result>(_ body: (RawSpan) -> Result) -> Result {
        switch place {
        case .compact(let list, let position): list.withBytes(at: position, body)
        case .record(let record): body(record.field)
        }
    }

    /// Lets `body` see the field's value.
    public func withValue<Result>(_ body: (RawSpan) -> Result) -> Result {
        switch place {
        case .compact(let list, let position):
            guard let next = list.next(after: position) else { preconditionFailure("a field without a value") }
            return list.withBytes(at: next, body)
        case .record(let record): return body(record.value)
        }
    }
}
