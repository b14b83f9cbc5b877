internal import Memory

/// Where a list is pushed to and popped from.
@frozen
public enum ListEnd: Sendable, BitwiseCopyable {
    case head
    case tail
}

/// A list: a handle to its elements with manual ownership, as `Value`.
///
/// It begins as a compact list and becomes a chain of chunks with the element that takes it over a limit, as Redis'
/// lists become linked lists; it never comes back. A change may make it another handle, so it is the owner's copy, or
/// the entry's, that has to be changed:
///
///     entry.list.push(element, to: .tail, limits)
///
/// A key never holds an empty list; whoever takes the last element removes the key.
@safe
public struct ListValue: BitwiseCopyable {
    /// `compactList` or `chunks`.
    public internal(set) var encoding: ValueEncoding
    /// The address of what the encoding says.
    var payload: UInt64

    init(encoding: ValueEncoding, payload: UInt64) {
        self.encoding = encoding
        self.payload = payload
    }

    /// The list of a value that is one.
    public init(_ value: Value) {
        precondition(value.type == .list, "not a list")
        self.init(encoding: value.encoding, payload: value.payload)
    }

    public var value: Value { Value(type: .list, encoding: encoding, payload: payload) }

    /// An empty list.
    public static func empty() -> ListValue {
        ListValue(encoding: .compactList, payload: CompactList.make().payload)
    }

    /// O(chunks).
    public func free() {
        if isCompact { compact.free() } else { chunks.free() }
    }

    /// Allocations that ``free()`` gives back.
    public var freeEffort: Int { isCompact ? 1 : 1 + 2 * chunks.chunkCount }

    /// The number of elements. O(1).
    public var count: Int { isCompact ? compact.count : chunks.count }

    var isCompact: Bool { encoding == .compactList }

    /// The elements of a compact list. A change of them has to be stored here.
    var compact: CompactList {
        get { CompactList(payload: payload) }
        set { payload = newValue.payload }
    }

    var chunks: ChunkedList { ChunkedList(payload: payload) }
}

// MARK: Looking

extension ListValue {
    /// Shows the element at `index` to `body`; `false` when there is none. Negative indices count from the end, -1 is
    /// the last. O(n / 512) from the nearer end.
    public func withElement(at index: Int, _ body: (RawSpan) -> Void) -> Bool {
        guard let cursor = cursor(at: index < 0 ? index + count : index) else { return false }
        cursor.list.visit(cursor.position, body)
        return true
    }

    /// Shows the elements of `range`, which must be within the list, to `body`, in order; the list must not change
    /// meanwhile. O(elements), and finding the first.
    public func forEach(in range: Range<Int>, _ body: (RawSpan) -> Void) {
        guard !range.isEmpty, var cursor = cursor(at: range.lowerBound) else { return }
        for _ in 1..<range.count {
            cursor.list.visit(cursor.position, body)
            cursor.moveForward()
        }
        cursor.list.visit(cursor.position, body)
    }

    /// As ``forEach(in:_:)``, from the last element of `range` to its first.
    public func forEachReversed(in range: Range<Int>, _ body: (RawSpan) -> Void) {
        guard !range.isEmpty, var cursor = cursor(at: range.upperBound - 1) else { return }
        for _ in 1..<range.count {
            cursor.list.visit(cursor.position, body)
            cursor.moveBackward()
        }
        cursor.list.visit(cursor.position, body)
    }

    /// Shows all elements to `body`, in order.
    public func forEach(_ body: (RawSpan) -> Void) {
        guard !isCompact else { return compact.forEach(body) }
        var next = chunks.first
        while let chunk = next {
            chunk.list.forEach(body)
            next = chunk.next
        }
    }
}
