import Foundation

/// What a server must hold once it has loaded a data file: the description beside a file of a real server.
struct Manifest: Decodable, Sendable {
    struct Key: Decodable, Sendable {
        var key: ByteForm
        var type: String
        /// Unix milliseconds.
        var expireAt: Int?
        /// Milliseconds by which the expiry may be off: it was given as a duration.
        var expireTolerance: Int?
        var value: Contents

        private enum CodingKeys: String, CodingKey {
            case key, type, value
            case expireAt = "expire_at_ms"
            case expireTolerance = "expire_tolerance_ms"
        }
    }

    /// By number.
    var databases: [String: [Key]]

    init(of file: URL) throws {
        self = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: file))
    }

    /// What a server holds that it should not, and the other way round, each as a sentence.
    func differences(on connection: Connection) throws -> [String] {
        var found: [String] = []
        for database in 0..<16 {
            try connection.call("SELECT", database)
            let keys = databases[String(database)] ?? []
            let count = try connection.call("DBSIZE")
            if count != .integer(keys.count) { found.append("database \(database) has \(count), not \(keys.count)") }
            for key in keys { found += try differences(key, connection).map { "database \(database): \($0)" } }
        }
        return found
    }

    private func differences(_ expected: Key, _ connection: Connection) throws -> [String] {
        let key = try expected.key.bytes()
        let type = try connection.call("TYPE", key)
        guard type == .status(Bytes(text: expected.type)) else { return ["\(key.shown()) is a \(type)"] }
        var found: [String] = []
        let value = try Contents.read(key, expected.type, connection)
        if try !expected.value.isSame(as: value, expected.type) { found.append("\(key.shown()) has another value") }
        let left = try connection.call("PTTL", key)
        guard case .integer(let milliseconds) = left else { return found + ["PTTL \(key.shown()): \(left)"] }
        let end = milliseconds < 0 ? nil : Int(Date().timeIntervalSince1970 * 1000) + milliseconds
        let distance = zip(end, expected.expireAt).map { abs($0 - $1) }
        // Two seconds for a busy machine between the two clocks.
        let isRight = distance.map { $0 <= 2000 + (expected.expireTolerance ?? 0) } ?? (end == expected.expireAt)
        if !isRight { found.append("\(key.shown()) ends at \(end ?? 0), not \(expected.expireAt ?? 0)") }
        return found
    }

    private func zip(_ one: Int?, _ other: Int?) -> (Int, Int)? {
        if let one, let other { (one, other) } else { nil }
    }
}

/// A value in a manifest: bytes, a list of bytes, a list of pairs, many of a kind, or a digest.
enum Contents: Decodable, Sendable {
    case one(ByteForm)
    case list([ByteForm])
    case pairs([[ByteForm]])
    case sequence(ArgumentForm)
    /// The length of a string whose bytes are not given.
    case length(Int)

    private enum Key: String, CodingKey {
        case seq, sha256, length
    }

    init(from decoder: any Decoder) throws {
        if let keyed = try? decoder.container(keyedBy: Key.self) {
            if keyed.contains(.seq) {
                self = .sequence(try ArgumentForm(from: decoder))
            } else if keyed.contains(.sha256) {
                self = .length(try keyed.decode(Int.self, forKey: .length))
            } else {
                self = .one(try ByteForm(from: decoder))
            }
            return
        }
        let single = try decoder.singleValueContainer()
        if let list = try? single.decode([ByteForm].self) {
            self = .list(list)
        } else if let pairs = try? single.decode([[ByteForm]].self) {
            self = .pairs(pairs)
        } else {
            self = .one(try ByteForm(from: decoder))
        }
    }

    /// Whether these are the items that ``read(_:_:_:)`` has read.
    func isSame(as items: [Bytes], _ type: String) throws -> Bool {
        if case .length(let length) = self { return items.map(\.count) == [length] }
        return try self.items(type) == items
    }

    private func items(_ type: String) throws -> [Bytes] {
        let items: [Bytes] =
            switch self {
            case .one(let form): [try form.bytes()]
            case .list(let forms): try forms.map { try $0.bytes() }
            case .pairs(let pairs): try pairs.joined().map { try $0.bytes() }
            case .sequence(let form): try form.expanded([:])
            case .length: []
            }
        return Self.ordered(items, type)
    }

    /// The items of a value that a server holds.
    static func read(_ key: Bytes, _ type: String, _ connection: Connection) throws -> [Bytes] {
        let reply: Reply =
            switch type {
            case "list": try connection.call("LRANGE", key, 0, -1)
            case "set": try connection.call("SMEMBERS", key)
            case "hash": try connection.call("HGETALL", key)
            case "zset": try connection.call("ZRANGE", key, 0, -1, "WITHSCORES")
            default: try connection.call("GET", key)
            }
        if type == "string" { return [reply.bytes ?? []] }
        return ordered((reply.items ?? []).compactMap(\.bytes), type)
    }

    /// Sets and hashes have no order: sorted. Scores are compared as numbers, whatever their digits.
    private static func ordered(_ items: [Bytes], _ type: String) -> [Bytes] {
        switch type {
        case "set": return items.sorted { $0.precedes($1) }
        case "hash":
            let pairs = stride(from: 0, to: items.count - 1, by: 2).map { [items[$0], items[$0 + 1]] }
            return Array(pairs.sorted { $0[0].precedes($1[0]) }.joined())
        case "zset":
            return items.enumerated().map { index, item in
                index % 2 == 0 ? item : Bytes(text: "\(Double(item.latin1) ?? .nan)")
            }
        default: return items
        }
    }
}
