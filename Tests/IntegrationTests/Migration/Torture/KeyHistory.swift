/// What one writer has done to one key, and what the key may therefore hold.
///
/// Each addition adds an element that is never added again. A request whose reply did not come may have been executed
/// or not; everything else is certain.
final class KeyHistory {
    enum Kind: String, CaseIterable {
        case string, list, set, hash, sortedSet

        /// Whether the order of elements counts.
        var isOrdered: Bool { self == .string || self == .list }
    }

    enum Outcome {
        case done, unknown
    }

    private enum Event: CustomStringConvertible {
        case addition(String, Outcome)
        case deletion(Outcome)

        var description: String {
            switch self {
            case .addition(let element, let outcome): "+\(element)\(outcome == .done ? "" : "?")"
            case .deletion(let outcome): "DEL\(outcome == .done ? "" : "?")"
            }
        }
    }

    let name: String
    let kind: Kind
    private var events: [Event] = []
    private var count = 0

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// An element that was never there. No element begins another.
    func nextElement() -> String {
        count += 1
        return "<\(count)>"
    }

    func noteAddition(_ element: String, _ outcome: Outcome) { events.append(.addition(element, outcome)) }

    func noteDeletion(_ outcome: Outcome) { events.append(.deletion(outcome)) }

    /// The command that adds an element.
    func addition(_ element: String) -> [String] {
        switch kind {
        case .string: ["APPEND", name, element]
        case .list: ["RPUSH", name, element]
        case .set: ["SADD", name, element]
        case .hash: ["HSET", name, element, element]
        case .sortedSet: ["ZADD", name, String(count % 7), element]
        }
    }

    /// The command that gives all elements.
    var reading: [String] {
        switch kind {
        case .string: ["GET", name]
        case .list: ["LRANGE", name, "0", "-1"]
        case .set: ["SMEMBERS", name]
        case .hash: ["HKEYS", name]
        case .sortedSet: ["ZRANGE", name, "0", "-1"]
        }
    }

    /// The elements in the reply to that command.
    static func elements(in reply: Reply) -> [String] {
        if let items = reply.items { return items.compactMap(\.bytes).map(\.latin1) }
        // A string is its elements, one behind the other.
        let text = reply.bytes?.latin1 ?? ""
        return text.split(separator: ">", omittingEmptySubsequences: true).map { $0 + ">" }
    }

    /// What is wrong with these elements; nil if they are what some course of events would have left.
    func complaint(_ elements: [String]) -> String? {
        // The history begins with the key's first event, or with a deletion; not before one that is certain.
        var starts = [0]
        for (index, event) in events.enumerated() {
            guard case .deletion(let outcome) = event else { continue }
            if outcome == .done { starts = [] }
            starts.append(index + 1)
        }
        if starts.contains(where: { explains(elements, from: $0) }) { return nil }
        let course = events.suffix(30).map(\.description).joined(separator: " ")
        return "\(name) holds \(elements.joined()), after \(course)"
    }

    private func explains(_ elements: [String], from start: Int) -> Bool {
        var left = elements[...]
        var seen = 0
        for event in events[start...] {
            guard case .addition(let element, let outcome) = event else { continue }
            let isThere = kind.isOrdered ? left.first == element : elements.contains(element)
            if isThere {
                if kind.isOrdered { left.removeFirst() }
                seen += 1
            } else if outcome == .done {
                return false
            }
        }
        return seen == elements.count
    }

    /// The same for a deletion that is under way elsewhere: what is certain now is the beginning of a new history.
    func settle(_ elements: [String]) {
        events = elements.map { .addition($0, .done) }
    }
}
