import Memory
import SlotStorage

/// Copies of the elements that SORT puts in order: all bytes in one buffer, and a record for each element.
struct SortElements: ~Copyable {
    private struct Item {
        let element: Range<Int>
        /// What a number is sorted by.
        var number: Double = 0
        /// What text is sorted by, if there is any.
        var text: Range<Int>?
        /// Where the element stood.
        let place: Int
    }

    private var bytes = ByteBuffer()
    private var items: [Item] = []

    var count: Int { items.count }

    subscript(index: Int) -> RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes.extracting(items[index].element) }
    }

    // MARK: Filling

    /// Copies the elements of a list, a set or a sorted set: those of `range`, or all. Of a reversed sorted set the
    /// range counts from the last.
    mutating func load(_ source: Entry, _ range: Range<Int>?, isReversed: Bool) {
        switch source.type {
        case .list:
            source.list.forEach(in: range ?? 0..<source.list.count) { append($0) }
        case .set:
            source.set.forEach { member in member.withBytes { append($0) } }
        case .sortedSet:
            let count = source.sortedSet.count
            let range = range ?? 0..<count
            let ranks = isReversed ? count - range.upperBound..<count - range.lowerBound : range
            source.sortedSet.forEach(in: ranks) { member, _ in append(member) }
            if isReversed { items.reverse() }
        case .string, .hash:
            preconditionFailure("nothing that has elements")
        }
    }

    private mutating func append(_ element: RawSpan) {
        items.append(Item(element: copy(element), place: items.count))
    }

    private mutating func copy(_ text: RawSpan) -> Range<Int> {
        let start = bytes.count
        bytes.append(text)
        return start..<bytes.count
    }

    mutating func setNumber(of index: Int, _ number: Double) { items[index].number = number }

    /// - Parameter isCollated: whether the order of the process' language counts; else that of bytes does.
    mutating func setText(of index: Int, _ text: RawSpan, isCollated: Bool) {
        guard isCollated else { return items[index].text = copy(text) }
        let start = bytes.count
        Collation.appendKey(of: text, to: &bytes)
        items[index].text = start..<bytes.count
    }

    // MARK: Ordering

    /// Sorts by numbers or by text. Equal numbers are in the order of their elements' bytes. Equal text stays in the order
    /// it had where that means something, and is in that of its elements' bytes else.
    mutating func sort(_ options: SortOptions, keepsOrderOfEquals: Bool) {
        let sorted = Self.sorted(items, options, keepsOrderOfEquals: keepsOrderOfEquals, in: bytes.bytes)
        items = sorted
    }

    private static func sorted(
        _ items: [Item], _ options: SortOptions, keepsOrderOfEquals: Bool, in bytes: RawSpan
    ) -> [Item] {
        items.sorted { left, right in
            var order: Int
            if options.isText {
                order = compare(left.text, right.text, in: bytes)
                if order == 0, keepsOrderOfEquals { return left.place < right.place }
            } else {
                order = left.number < right.number ? -1 : left.number > right.number ? 1 : 0
            }
            if order == 0 { order = compare(left.element, right.element, in: bytes) }
            if order == 0 { return left.place < right.place }
            return options.isDescending ? order > 0 : order < 0
        }
    }

    /// No text comes before any text.
    private static func compare(_ left: Range<Int>?, _ right: Range<Int>?, in bytes: RawSpan) -> Int {
        guard let left, let right else { return (left == nil ? 0 : 1) - (right == nil ? 0 : 1) }
        return bytes.extracting(left).compare(bytes.extracting(right))
    }

    /// Drops all elements but those of `range`.
    mutating func keep(_ range: Range<Int>) {
        items = Array(items[range])
    }
}
