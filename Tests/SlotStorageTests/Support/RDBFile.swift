import Memory

@testable import SlotStorage
import TestSupport

/// RDB files put together by hand, and taken apart again.
enum RDBFile {
    /// `body` with a header before and the end and a right checksum behind it.
    static func file(version: Int = 6, _ body: [UInt8]) -> [UInt8] {
        let digits = String(version)
        let header = "REDIS" + String(repeating: "0", count: 4 - digits.count) + digits
        let summed = [UInt8](header) + body + [255]
        return version < 5 ? summed : summed + Payload.littleEndian(CRC64.checksum(summed.raw), 8)
    }

    /// A type, a key and the bytes of a value.
    static func entry(_ type: UInt8, _ key: String, _ value: [UInt8]) -> [UInt8] {
        [type] + string(key) + value
    }

    static func string(_ text: String) -> [UInt8] { Collections.string([UInt8](text)) }

    /// One of each type and form that version 12 may have, in databases 0 and 3, with times of expiry and remarks.
    static var everything: [UInt8] {
        var body: [UInt8] =
            [250] + string("redis-ver") + string("7.4.0") + [250] + string("ctime") + [0xc2, 1, 2, 3, 4]
        body += [254, 0, 251, 30, 3]
        body += entry(0, "short", string("text")) + entry(0, "number", [0xc1, 0x39, 0x30])
        body += entry(0, "long", string(String(repeating: "long", count: 700)))
        body += entry(0, "packed", [0xc3, 0x05, 0x0d, 0x00, 0x61, 0xe0, 0x03, 0x00])
        body += [252] + Payload.littleEndian(4_000_000_000_000, 8) + entry(0, "expires", string("later"))
        body += [253] + Payload.littleEndian(2_000_000_000, 4) + [248, 5] + entry(0, "idle", string("later"))
        body += [249, 7] + entry(0, "frequent", string("now"))
        body += entry(1, "list", [3, 1, 0x61, 0xc0, 12] + string("bcd"))
        body += entry(2, "set", [2, 0xc0, 12] + string("b"))
        body += entry(3, "zset", [3] + string("a") + [3] + [UInt8]("1.5") + string("b") + [254] + string("c") + [255])
        body += entry(4, "hash", [2] + string("f") + string("v") + string("g") + [0xc0, 1])
        body += entry(5, "zset2", [1] + string("a") + Payload.littleEndian((2.5).bitPattern, 8))
        body += [254, 3, 244, 1, 2, 0]
        body += entry(9, "zipmap", Collections.string([1, 1, 0x66, 1, 0, 0x76, 255]))
        body += entry(10, "ziplist", ziplist(["a", "7"])) + entry(13, "hash", ziplist(["f", "v"]))
        body += entry(11, "intset", Collections.string([2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 5, 0]))
        body += entry(12, "zset", ziplist(["a", "1", "b", "1.5"]))
        body += entry(14, "quicklist", [2] + ziplist(["a"]) + ziplist(["b", "c"]))
        body += entry(16, "listpack", listpack(["f", "v", "g", "4000000000"]))
        body += entry(17, "zset listpack", listpack(["a", "-300", "b", "2.5"]))
        body += entry(18, "quicklist2", [2, 2] + listpack(["a", "100"]) + [1] + string("plain"))
        body += entry(20, "set listpack", listpack(["a", "-1"]))
        return file(version: 12, body)
    }

    static func ziplist(_ texts: [String]) -> [UInt8] {
        var list = CompactList.make()
        defer { list.free() }
        for text in texts { list.append([UInt8](text).raw) }
        return Collections.string(list.bytes.array)
    }

    /// A listpack as a string: numbers that fit into 32 bits as such, all else as strings.
    static func listpack(_ texts: [String]) -> [UInt8] {
        var elements: [UInt8] = []
        for text in texts {
            let element: [UInt8] =
                if let number = Int32(text) {
                    switch number {
                    case 0..<128: [UInt8(number)]
                    case -4096..<4096: [0xc0 | UInt8(number >> 8 & 0x1f), UInt8(number & 0xff)]
                    default: [0xf3] + Payload.littleEndian(UInt64(bitPattern: Int64(number)), 4)
                    }
                } else {
                    [0x80 | UInt8(text.utf8.count)] + [UInt8](text)
                }
            elements += element + [UInt8(element.count)]
        }
        let size = UInt64(elements.count + 7)
        let header = Payload.littleEndian(size, 4) + Payload.littleEndian(UInt64(texts.count), 2)
        return Collections.string(header + elements + [255])
    }

    /// What there is in a file, given to the reader in pieces of so many bytes.
    static func contents(of file: [UInt8], pieces: Int = .max, databases: Int = 16) -> Result<[Item], RDBFileError> {
        var reader = RDBFileReader(databaseCount: databases, limits: EncodingLimits())
        var items: [Item] = []
        var offset = 0
        do throws(RDBFileError) {
            while true {
                switch try reader.next() {
                case .needsInput where offset == file.count: reader.endInput()
                case .needsInput:
                    let end = pieces < file.count - offset ? offset + pieces : file.count
                    reader.append(file.raw.extracting(offset..<end))
                    offset = end
                case .working, .remark: break
                case .entry(let entry): items.append(Item(entry, reader.key.array, reader.text.array))
                case .end: return .success(items)
                }
            }
        } catch {
            return .failure(error)
        }
    }

    /// A key with its value in words.
    struct Item: Equatable {
        let key: String
        let database: Int
        let expiry: Int64?
        let value: String

        init(_ entry: RDBEntry, _ key: [UInt8], _ text: [UInt8]) {
            self.key = String(decoding: key, as: UTF8.self)
            database = entry.database
            expiry = entry.expiry
            switch entry.content {
            case .text: value = String(decoding: text, as: UTF8.self)
            case .value(let read):
                value = read.words
                read.free()
            }
        }
    }
}

extension Value {
    /// The type and all that is in the value; what has no order is sorted.
    var words: String {
        switch type {
        case .string: return String(decoding: Payload.text(of: self), as: UTF8.self)
        case .list:
            var elements: [String] = []
            ListValue(self).forEach { elements.append($0.text) }
            return "list \(elements)"
        case .set: return "set \(memberTexts.sorted())"
        case .hash: return "hash \(fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })"
        case .sortedSet:
            var members: [String] = []
            SortedSetValue(self).forEach { members.append("\($0.text): \($1)") }
            return "zset \(members)"
        }
    }
}
