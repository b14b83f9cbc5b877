import Memory

@testable import SlotStorage
import TestSupport

/// A whole snapshot, byte by byte.
struct SnapshotBytes {
    private(set) var bytes: [UInt8] = []
    private var finisher: SnapshotFinisher

    init(_ format: SnapshotFormat = .rdb, hasChecksum: Bool = true) {
        finisher = SnapshotFinisher(format, hasChecksum: hasChecksum)
    }

    mutating func append(_ chunk: SnapshotChunk, isLast: Bool = false) {
        finisher.finish(chunk, isLast: isLast)
        bytes += chunk.withBytes { $0.array }
    }

    /// The keys of an RDB file, by database and key, each as ``EntryText`` tells it; the reason, when it cannot be read.
    func contents() -> Result<[ItemName: String], SnapshotComplaint> {
        guard bytes.count >= 18, bytes.starts(with: Array("REDIS0006".utf8)) else { return .failure(.init("no head")) }
        let summed = Array(bytes.dropLast(8))
        let sum = CRC64.checksum(summed.raw)
        guard sum == Self.littleEndian(bytes.suffix(8)) else { return .failure(.init("another checksum")) }
        do {
            return .success(try read(Array(summed.dropFirst(9))))
        } catch {
            return .failure(.init("not readable: \(error)"))
        }
    }

    private func read(_ body: [UInt8]) throws -> [ItemName: String] {
        var reader = RDBReader(body.raw)
        var items: [ItemName: String] = [:]
        var database = -1
        var expiry: Int64?
        while true {
            let start = try reader.readByte()
            switch start {
            case 0xff:
                guard reader.isAtEnd else { throw RDBError.trailingBytes }
                return items
            case 0xfe: database = try reader.readLength()
            case 0xfc:
                let time = try reader.take(8).array
                expiry = Int64(bitPattern: Self.littleEndian(time))
            default:
                guard let type = RDBType(rawValue: start) else { throw RDBError.trailingBytes }
                let key = Self.entry(try reader.readString(), expiry: nil).string
                let value = try reader.readValue(type, limits: EncodingLimits())
                let text = Self.entry(value, expiry: expiry).text
                let name = ItemName(database: database, key: key)
                // Twice the same key is an error that a set of keys would hide.
                items[name] = items[name] == nil ? text : "there twice"
                expiry = nil
            }
        }
    }

    private static func littleEndian(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What an entry with this value says, which is freed.
    private static func entry(_ value: Value, expiry: Int64?) -> (string: [UInt8], text: String) {
        var database = Database(number: 0)
        database.set([0].raw, value, expiry: expiry.map { .at($0) } ?? .none)
        let entry = database.find([0].raw)
        let string = entry?.type == .string ? entry?.stringCopy : nil
        return (string ?? [], entry?.text ?? "")
    }
}

struct SnapshotComplaint: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

struct ItemName: Hashable {
    let database: Int
    let key: [UInt8]
}

extension Entry {
    /// Everything that is to be known of a value and its expiry: equal texts are equal contents.
    var text: String {
        var parts: [String] = []
        if type == .string {
            parts = [String(decoding: stringCopy, as: UTF8.self)]
        } else {
            var cursor = MemberCursor(of: self)
            while let member = cursor.next() {
                switch member {
                case .element(let element): parts.append(element.withBytes { $0.text })
                case .field(let field): parts.append(field.withName { $0.text } + "=" + field.withValue { $0.text })
                case .member(let member): parts.append(member.withBytes { $0.text })
                case .scored(let member): parts.append(member.withBytes { $0.text } + "@\(member.score)")
                }
            }
            if type != .list { parts.sort() }
        }
        return "\(type) until \(expiry ?? -1): \(parts.joined(separator: ","))"
    }
}

extension Keyspace {
    /// What ``SnapshotBytes/contents()`` should tell of a snapshot that is made now.
    func texts(at moment: Int64) -> [ItemName: String] {
        var items: [ItemName: String] = [:]
        for number in 0..<databaseCount {
            self[number].forEach { entry in
                if let expiry = entry.expiry, expiry < moment { return }
                items[ItemName(database: number, key: entry.keyCopy)] = entry.text
            }
        }
        return items
    }
}
