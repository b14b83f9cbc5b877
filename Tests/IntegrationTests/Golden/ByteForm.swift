import Foundation

/// Something in a recording that cannot be understood.
struct BadRecording: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Bytes as a recording writes them: a text whose characters U+0000 to U+00FF are one byte each, or
/// `{"b64": ..}`, `{"zlib64": ..}`, `{"repeat": [text, n]}`.
enum ByteForm: Decodable, Sendable {
    case text(String)
    case base64(String)
    case deflated(String)
    case repeated(String, Int)

    private enum Key: String, CodingKey {
        case b64, zlib64, `repeat`
    }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self = .text(text)
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .b64) {
            self = .base64(text)
        } else if let text = try container.decodeIfPresent(String.self, forKey: .zlib64) {
            self = .deflated(text)
        } else {
            var pair = try container.nestedUnkeyedContainer(forKey: .repeat)
            self = .repeated(try pair.decode(String.self), try pair.decode(Int.self))
        }
    }

    /// The bytes, with the placeholders of plain texts (`${NAME}`) filled in from `names`.
    func bytes(_ names: [String: String] = [:]) throws -> Bytes {
        switch self {
        case .text(let text): try Self.latin1(Self.fill(text, names))
        case .base64(let text): try Self.decodeBase64(text)
        case .deflated(let text): try inflateZlib(Self.decodeBase64(text))
        case .repeated(let text, let count): Array(repeatElement(try Self.latin1(text), count: count).joined())
        }
    }

    static func decodeBase64(_ text: String) throws -> Bytes {
        guard let data = Data(base64Encoded: text) else { throw BadRecording("bad base64: \(text.prefix(40))") }
        return Bytes(data)
    }

    private static func latin1(_ text: String) throws -> Bytes {
        try text.unicodeScalars.map {
            guard let byte = UInt8(exactly: $0.value) else { throw BadRecording("not a byte: \($0)") }
            return byte
        }
    }

    private static func fill(_ text: String, _ names: [String: String]) throws -> String {
        guard text.contains("${") else { return text }
        var out = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            let name = rest[start.upperBound..<end]
            guard let value = names[String(name)] else { throw BadRecording("nothing is known of \(name)") }
            out += rest[..<start.lowerBound] + value
            rest = rest[rest.index(after: end)...]
        }
        return out + rest
    }
}

/// An argument of a recorded command: bytes, or `{"seq": [format.., from, to]}`, which stands for many.
enum ArgumentForm: Decodable, Sendable {
    case one(ByteForm)
    case sequence(formats: [String], range: Range<Int>)

    private enum Key: String, CodingKey {
        case seq
    }

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: Key.self), container.contains(.seq) else {
            self = .one(try ByteForm(from: decoder))
            return
        }
        var items = try container.nestedUnkeyedContainer(forKey: .seq)
        var formats: [String] = []
        var bounds: [Int] = []
        while !items.isAtEnd {
            if let format = try? items.decode(String.self) {
                formats.append(format)
            } else {
                bounds.append(try items.decode(Int.self))
            }
        }
        guard bounds.count == 2, bounds[0] <= bounds[1] else { throw BadRecording("a seq without its bounds") }
        self = .sequence(formats: formats, range: bounds[0]..<bounds[1])
    }

    /// The arguments meant: each format in turn for each number.
    func expanded(_ names: [String: String]) throws -> [Bytes] {
        switch self {
        case .one(let form):
            return [try form.bytes(names)]
        case .sequence(let formats, let range):
            return try range.flatMap { number in
                try formats.map {
                    try ByteForm.text($0.replacingOccurrences(of: "%d", with: String(number))).bytes(names)
                }
            }
        }
    }
}
