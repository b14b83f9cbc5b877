import Foundation

extension ExpectedReply {
    /// Why `got` is not what was expected; nil when it is.
    /// - Parameters:
    ///   - step: how the step compares where the reply itself does not say, and its bounds.
    /// - Throws: `BadRecording` and the like when the expectation cannot be understood.
    func mismatch(
        _ got: Reply, _ names: [String: String] = [:], step: (match: MatchKind?, range: [Int]?) = (nil, nil)
    ) throws -> String? {
        if case .oneOf(let allowed) = shape {
            let reasons = try allowed.map { try $0.mismatch(got, names, step: step) }
            return reasons.contains(nil) ? nil : "none of the \(reasons.count) allowed replies"
        }
        let kind = match ?? step.match ?? .exact
        switch kind {
        case .any: return nil
        case .intRange: return try rangeMismatch(got, range ?? step.range)
        case .exact:
            if case .array(let items?) = shape { return try itemMismatch(items, got, names) }
        default: break
        }
        let want = try reply(names)
        guard want.kind == got.kind else { return "\(got.kind) where \(want.kind) belongs" }
        return try Self.mismatch(kind, want, got)
    }

    private func rangeMismatch(_ got: Reply, _ range: [Int]?) throws -> String? {
        guard let range, range.count == 2 else { throw BadRecording("int-range without a range") }
        let wantsInteger = if case .integer = shape { true } else { false }
        let number = got.integerValue ?? got.bytes.flatMap { Int($0.latin1) }
        guard let number, wantsInteger == (got.integerValue != nil) else { return "not a number of that kind" }
        return range[0] <= number && number <= range[1] ? nil : "\(number) is not within \(range[0])...\(range[1])"
    }

    private func itemMismatch(
        _ items: [ExpectedReply], _ got: Reply, _ names: [String: String]
    ) throws -> String? {
        guard let gotItems = got.items else { return "\(got.kind) where an array belongs" }
        guard gotItems.count == items.count else { return "\(gotItems.count) items where \(items.count) belong" }
        for (index, (item, gotItem)) in zip(items, gotItems).enumerated() {
            if let why = try item.mismatch(gotItem, names) { return "item \(index + 1): \(why)" }
        }
        return nil
    }

    /// Compares two replies of one kind.
    private static func mismatch(_ kind: MatchKind, _ want: Reply, _ got: Reply) throws -> String? {
        switch kind {
        case .any, .type: return nil
        case .exact: return want == got ? nil : "another value"
        case .prefix: return try bytes(got).starts(with: bytes(want)) ? nil : "another beginning"
        case .code:
            let space = UInt8(ascii: " ")
            let codes = try [want, got].map { try bytes($0).prefix { $0 != space } }
            return codes[0] == codes[1] ? nil : "another error code"
        case .number: return try number(want) == number(got) ? nil : "another number"
        case .payload:
            let value = try DumpedValue(payload: bytes(want))
            do {
                return try DumpedValue(payload: bytes(got)) == value ? nil : "a payload of another value"
            } catch let error as BadPayload {
                return "bad payload: \(error.reason)"
            }
        case .unordered: return try sorted(want) == sorted(got) ? nil : "not the same items"
        case .pairs: return try sortedPairs(want) == sortedPairs(got) ? nil : "not the same pairs"
        case .stream:
            let wrong = try RestoreStream(commands(want)).differences(RestoreStream(commands(got)))
            return wrong.isEmpty ? nil : wrong.prefix(5).joined(separator: "; ")
        case .intRange: throw BadRecording("a match that is not for single replies: \(kind.rawValue)")
        }
    }

    private static func bytes(_ reply: Reply) throws -> Bytes {
        guard let bytes = reply.bytes else { throw BadRecording("\(reply.kind) where bytes are needed") }
        return bytes
    }

    private static func number(_ reply: Reply) throws -> Double {
        if let value = reply.integerValue { return Double(value) }
        guard let value = try Double(bytes(reply).latin1) else { throw BadRecording("no number: \(reply)") }
        return value
    }

    private static func items(_ reply: Reply) throws -> [Reply] {
        guard let items = reply.items else { throw BadRecording("\(reply.kind) where an array is needed") }
        return items
    }

    private static func commands(_ reply: Reply) throws -> [[Bytes]] {
        try items(reply).map { try items($0).map { try bytes($0) } }
    }

    private static func sorted(_ reply: Reply) throws -> [Bytes] {
        try items(reply).map(\.encoded).sorted { $0.precedes($1) }
    }

    private static func sortedPairs(_ reply: Reply) throws -> [Bytes] {
        let flat = try items(reply).map(\.encoded)
        return stride(from: 0, to: flat.count - 1, by: 2).map { flat[$0] + flat[$0 + 1] }.sorted { $0.precedes($1) }
    }
}
