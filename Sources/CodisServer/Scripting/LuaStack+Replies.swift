import Memory
import RESP

/// What becomes of the order of a reply in a script.
enum ReplyOrder {
    case asItIs
    /// Elements in the order of their bytes.
    case sorted
    /// Pairs in the order of the bytes of their first elements.
    case sortedPairs
}

/// Replies as values of Lua: numbers, strings, tables, `{ok = ...}`, `{err = ...}`, and `false` for nothing.
extension LuaStack {
    /// Pushes the reply that follows in `reader`. `false` when it is nested too deeply.
    func push(_ reader: inout ReplyReader, _ order: ReplyOrder) -> Bool {
        switch reader.kind() {
        case UInt8(ascii: "+"): pushLine(&reader, "ok")
        case UInt8(ascii: "-"): pushLine(&reader, "err")
        case UInt8(ascii: ":"): push(Double(reader.number()))
        case UInt8(ascii: "$"):
            let length = reader.number()
            if length < 0 { push(false) } else { push(reader.string(length)) }
        default: return pushArray(&reader, order)
        }
        return true
    }

    private func pushLine(_ reader: inout ReplyReader, _ name: StaticString) {
        pushTable(fields: 1)
        push(name)
        push(reader.line())
        setPair(inTableAt: -3)
    }

    private func pushArray(_ reader: inout ReplyReader, _ order: ReplyOrder) -> Bool {
        let count = reader.number()
        if count < 0 {
            push(false)
            return true
        }
        guard hasRoom(for: 4) else { return false }
        pushTable(elements: count)
        switch order {
        case .asItIs:
            for number in stride(from: 1, through: count, by: 1) {
                guard push(&reader, .asItIs) else { return false }
                setElement(number, ofTableAt: -2)
            }
        case .sorted: pushSorted(&reader, count: count, width: 1)
        case .sortedPairs: pushSorted(&reader, count: count / 2, width: 2)
        }
        return true
    }

    /// Elements that are groups of `width` strings, ordered by the first of each.
    private func pushSorted(_ reader: inout ReplyReader, count: Int, width: Int) {
        var groups: [[[UInt8]]] = []
        groups.reserveCapacity(count)
        for _ in 0..<count {
            var group: [[UInt8]] = []
            for _ in 0..<width {
                _ = reader.kind()
                group.append(reader.string(reader.number()).array)
            }
            groups.append(group)
        }
        groups.sort { one, other in
            let (first, second) = (one[0], other[0])
            return first.bytes.precedes(second.bytes)
        }
        var number = 1
        for group in groups {
            for string in group {
                push(string.bytes)
                setElement(number, ofTableAt: -2)
                number += 1
            }
        }
    }
}
