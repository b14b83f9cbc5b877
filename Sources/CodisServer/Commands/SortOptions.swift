import Memory
import RESP

/// What may follow the key of SORT. The last word on a subject counts, but for GET, of which there may be many.
struct SortOptions {
    /// `BY`: where the weight of an element is found; the element itself where there is none.
    private(set) var pattern: SortPattern?
    /// `BY` a name without `*`: nothing is sorted.
    private(set) var leavesOrder = false
    private(set) var isDescending = false
    /// `ALPHA`
    private(set) var isText = false
    /// `GET`: what is shown of each element, in this order.
    private(set) var fetched: [SortPattern] = []
    var limit: (offset: Int64, count: Int64)?
    /// The argument that names the key to store the result under.
    private(set) var targetPosition: Int?

    init(_ request: Request) throws(CommandError) {
        var index = 2
        while index < request.count {
            let word = request[index]
            let left = request.count - index - 1
            if word.equalsIgnoringCase("asc") {
                isDescending = false
            } else if word.equalsIgnoringCase("desc") {
                isDescending = true
            } else if word.equalsIgnoringCase("alpha") {
                isText = true
            } else if left >= 2, word.equalsIgnoringCase("limit") {
                limit = (try request[index + 1].integer(), try request[index + 2].integer())
                index += 2
            } else if left >= 1, word.equalsIgnoringCase("store") {
                index += 1
                targetPosition = index
            } else if left >= 1, word.equalsIgnoringCase("by") {
                index += 1
                pattern = SortPattern(request[index])
                if !SortPattern.hasStar(request[index]) { leavesOrder = true }
            } else if left >= 1, word.equalsIgnoringCase("get") {
                index += 1
                fetched.append(SortPattern(request[index]))
            } else {
                throw .syntax
            }
            index += 1
        }
    }

    /// Sorts elements as text after all: what is stored must not depend on the order in a table.
    mutating func orderByElements() {
        leavesOrder = false
        isText = true
        pattern = nil
    }

    /// Which of `count` elements LIMIT leaves; a negative count leaves all behind the offset.
    func range(of count: Int) -> Range<Int> {
        guard let limit else { return 0..<count }
        let start = min(Int(max(0, limit.offset)), count)
        return start..<(limit.count < 0 ? count : start + min(Int(limit.count), count - start))
    }

    /// The argument that names the key to store under, wherever it is, of options that may be wrong.
    static func targetPosition(of request: Request, optionsFrom start: Int) -> Int? {
        var found: Int?
        var index = start
        while index + 1 < request.count {
            let word = request[index]
            if word.equalsIgnoringCase("limit") {
                index += 2
            } else if word.equalsIgnoringCase("by") || word.equalsIgnoringCase("get") {
                index += 1
            } else if word.equalsIgnoringCase("store") {
                index += 1
                found = index
            }
            index += 1
        }
        return found
    }
}

/// Where BY and GET lead from an element.
enum SortPattern {
    /// `#`: the element.
    case element
    /// A name without `*`.
    case nothing
    /// The string at the key with the element in the place of the first `*`, or what a hash there holds in a field, which
    /// follows `->`.
    case key(prefix: [UInt8], suffix: [UInt8], field: [UInt8]?)

    init(_ text: RawSpan) {
        guard let star = Self.star(in: text) else {
            let isElement = text.byteCount > 0 && text[0] == UInt8(ascii: "#") && (text.byteCount == 1 || text[1] == 0)
            self = isElement ? .element : .nothing
            return
        }
        let arrow = Self.arrow(in: text, from: star + 1)
        self = .key(
            prefix: text.extracting(0..<star).array,
            suffix: text.extracting(star + 1..<(arrow ?? text.byteCount)).array,
            field: arrow.map { text.extracting($0 + 2..<text.byteCount).array })
    }

    static func hasStar(_ text: RawSpan) -> Bool { star(in: text) != nil }

    /// As in Redis, nothing is found behind a NUL byte.
    private static func star(in text: RawSpan) -> Int? {
        guard let star = text.firstIndex(of: UInt8(ascii: "*")) else { return nil }
        if let end = text.firstIndex(of: 0), end < star { return nil }
        return star
    }

    /// Where the first `->` is that a field follows.
    private static func arrow(in text: RawSpan, from start: Int) -> Int? {
        let end = text.firstIndex(of: 0, from: start) ?? text.byteCount
        var index = start
        while index + 1 < end {
            if text[index] == UInt8(ascii: "-"), text[index + 1] == UInt8(ascii: ">") {
                return index + 2 < end ? index : nil
            }
            index += 1
        }
        return nil
    }
}
