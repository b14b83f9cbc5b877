/// Which replies of two servers count as the same. The rule is "byte for byte"; the exceptions are all here.
enum ReplyComparison: String {
    /// Byte for byte.
    case exact
    /// The items in any order: the order of keys in a dictionary is nobody's promise.
    case unordered
    /// Names and values, the pairs in any order.
    case pairs
    /// A time to live: two positive ones may be 3 s apart, since the servers are asked one after the other.
    case seconds
    case milliseconds
    /// A serialised value: the same value, however packed.
    case payload
    /// The same kind of reply: random keys, clocks, idle times and counts of references.
    case kind

    /// The rule for a command; error replies are always compared byte for byte.
    init(for words: [Bytes]) {
        let names = words.prefix(2).map { $0.latin1.lowercased() }
        switch names.first {
        case "keys", "smembers", "sinter", "sunion", "sdiff", "hkeys", "hvals": self = .unordered
        // A set has no order, and text with NUL bytes none by the rules of C.
        case "sort" where Self.hasNoOrder(words.map { $0.latin1.lowercased() }): self = .unordered
        case "hgetall": self = .pairs
        case "ttl": self = .seconds
        case "pttl": self = .milliseconds
        case "dump": self = .payload
        case "randomkey", "time": self = .kind
        case "srandmember", "spop": self = words.count > 2 ? .unordered : .kind
        case "georadius", "georadiusbymember": self = .unordered
        case "object" where names.last == "refcount" || names.last == "idletime": self = .kind
        default: self = .exact
        }
    }

    /// Whether SORT sorts text, or by a pattern that is the same for all elements, so that it leaves them as they are.
    private static func hasNoOrder(_ words: [String]) -> Bool {
        words.contains("alpha") || zip(words, words.dropFirst()).contains { $0 == "by" && !$1.contains("*") }
    }

    /// Whether two replies are the same by this rule.
    func agrees(_ one: Reply, _ other: Reply) -> Bool {
        if one == other { return true }
        if case .error = one { return false }
        switch self {
        case .exact: return false
        case .kind: return one.kind == other.kind
        case .unordered: return matches(one, other, .unordered)
        case .pairs: return matches(one, other, .pairs)
        case .seconds: return isNear(one, other, within: 3)
        case .milliseconds: return isNear(one, other, within: 3000)
        case .payload:
            guard let values = try? [one, other].map({ try DumpedValue(payload: $0.bytes ?? []) }) else { return false }
            return values[0] == values[1]
        }
    }

    private func isNear(_ one: Reply, _ other: Reply, within limit: Int) -> Bool {
        guard let left = one.integerValue, let right = other.integerValue, left >= 0, right >= 0 else { return false }
        return abs(left - right) <= limit
    }

    private func matches(_ one: Reply, _ other: Reply, _ kind: MatchKind) -> Bool {
        guard let items = one.items, let others = other.items, items.count == others.count else { return false }
        func key(_ flat: [Reply]) -> [Bytes] {
            let step = kind == .pairs ? 2 : 1
            return stride(from: 0, to: flat.count, by: step).map { index in
                flat[index..<min(index + step, flat.count)].reduce(into: Bytes()) { $0 += $1.encoded }
            }.sorted { $0.precedes($1) }
        }
        return key(items) == key(others)
    }
}
