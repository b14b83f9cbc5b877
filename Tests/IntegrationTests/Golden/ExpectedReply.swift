import Foundation

/// How a reply is compared with the recorded one.
enum MatchKind: String, Decodable, Sendable {
    /// The same; items of an array each by their own kind.
    case exact
    /// An array in any order.
    case unordered
    /// An array of names and values, the pairs in any order.
    case pairs
    /// A number between two bounds, both included.
    case intRange = "int-range"
    /// The kind of reply only.
    case type
    /// An error's first word.
    case code
    /// The beginning.
    case prefix
    /// Anything.
    case any
    /// Equal as a number.
    case number
    /// A DUMP payload of the same value, packed in any way.
    case payload
    /// A series of restore commands that amounts to the same.
    case stream
}

/// A reply as a recording expects it.
struct ExpectedReply: Decodable, Sendable {
    indirect enum Shape: Sendable {
        case status(ByteForm)
        case error(ByteForm)
        case integer(Int)
        case bulk(ByteForm?)
        case array([ExpectedReply]?)
        /// RESP bytes, deflated and in base64.
        case packed(String)
        /// Each of several is right.
        case oneOf([ExpectedReply])
    }

    var shape: Shape
    var match: MatchKind?
    var range: [Int]?

    init(shape: Shape, match: MatchKind? = nil, range: [Int]? = nil) {
        self.shape = shape
        self.match = match
        self.range = range
    }

    private enum Key: String, CodingKey {
        case status, error, int, bulk, array, zresp, oneof, match, range
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        match = try container.decodeIfPresent(MatchKind.self, forKey: .match)
        range = try container.decodeIfPresent([Int].self, forKey: .range)
        if let items = try container.decodeIfPresent([ExpectedReply].self, forKey: .oneof) {
            shape = .oneOf(items)
        } else if let form = try container.decodeIfPresent(ByteForm.self, forKey: .status) {
            shape = .status(form)
        } else if let form = try container.decodeIfPresent(ByteForm.self, forKey: .error) {
            shape = .error(form)
        } else if let value = try container.decodeIfPresent(Int.self, forKey: .int) {
            shape = .integer(value)
        } else if container.contains(.bulk) {
            shape = .bulk(try container.decodeIfPresent(ByteForm.self, forKey: .bulk))
        } else if container.contains(.array) {
            shape = .array(try container.decodeIfPresent([ExpectedReply].self, forKey: .array))
        } else {
            shape = .packed(try container.decode(String.self, forKey: .zresp))
        }
    }

    /// The reply itself, whatever its match kinds say.
    func reply(_ names: [String: String]) throws -> Reply {
        switch shape {
        case .status(let form): return .status(try form.bytes(names))
        case .error(let form): return .error(try form.bytes(names))
        case .integer(let value): return .integer(value)
        case .bulk(let form): return .bulk(try form?.bytes(names))
        case .array(let items): return .array(try items?.map { try $0.reply(names) })
        case .packed(let text):
            var parser = ReplyParser()
            parser.append(try inflateZlib(ByteForm.decodeBase64(text)))
            guard let (reply, _) = try parser.next() else { throw BadRecording("a packed reply is cut short") }
            return reply
        case .oneOf: throw BadRecording("several replies where one is needed")
        }
    }

    /// The reply in words, for messages.
    func description(_ names: [String: String]) -> String {
        if case .oneOf(let items) = shape { return items.map { $0.description(names) }.joined(separator: " or ") }
        return (try? reply(names).description) ?? "?"
    }
}
