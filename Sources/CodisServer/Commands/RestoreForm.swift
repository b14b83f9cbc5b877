import Memory
import SlotStorage

/// Why a message is refused, in the words of codis-server.
struct RestoreRefusal: Error {
    let text: String

    init(_ text: String) { self.text = text }

    static func missing(_ key: RawSpan) -> RestoreRefusal {
        RestoreRefusal("the specified key doesn't exist (\(key.text))")
    }

    static func present(_ key: RawSpan) -> RestoreRefusal {
        RestoreRefusal("the specified key already exists (\(key.text))")
    }
}

/// What a message of SLOTSRESTORE-ASYNC says about its key.
enum RestoreForm {
    case delete, expire, string, object
    /// Pieces of a collection.
    case list, hash, dict, zset

    init?(_ word: RawSpan) {
        if word.equalsIgnoringCase("string") {
            self = .string
        } else if word.equalsIgnoringCase("delete") {
            self = .delete
        } else if word.equalsIgnoringCase("object") {
            self = .object
        } else if word.equalsIgnoringCase("expire") {
            self = .expire
        } else if word.equalsIgnoringCase("list") {
            self = .list
        } else if word.equalsIgnoringCase("hash") {
            self = .hash
        } else if word.equalsIgnoringCase("dict") {
            self = .dict
        } else if word.equalsIgnoringCase("zset") {
            self = .zset
        } else {
            return nil
        }
    }

    func accepts(_ count: Int) -> Bool {
        switch self {
        case .delete: count == 3
        case .expire: count == 4
        case .string, .object: count == 5
        case .list, .dict: count >= 5
        case .hash, .zset: count >= 5 && count % 2 == 1
        }
    }

    /// Whether pieces of this form may be added to what the entry holds: only to the large form, which is the one that
    /// pieces begin with; lists have but one in codis-server 3.2.
    func continues(_ entry: Entry) -> Bool {
        switch self {
        case .list: entry.type == .list
        case .hash: entry.type == .hash && entry.encoding == .table
        case .dict: entry.type == .set && entry.encoding == .table
        case .zset: entry.type == .sortedSet && entry.encoding == .tree
        case .delete, .expire, .string, .object: false
        }
    }

    /// Type and encoding of the value that pieces of this form make, as codis-server 3.2 numbers them.
    var legacyEncoding: String {
        switch self {
        case .list: "1/9"
        case .dict: "2/2"
        case .zset: "3/7"
        case .hash: "4/2"
        case .delete, .expire, .string, .object: "0/0"
        }
    }
}

extension Entry {
    /// Type and encoding as codis-server 3.2 numbers them (`OBJ_ENCODING_*` of Redis 3.2).
    var legacyEncoding: String {
        switch (type, encoding) {
        case (.string, .integer): "0/1"
        // Strings of up to 44 bytes are in one allocation with their object there.
        case (.string, _): stringLength <= 44 ? "0/8" : "0/0"
        case (.list, _): "1/9"
        case (.set, .integerSet): "2/6"
        case (.set, _): "2/2"
        case (.sortedSet, .compactList): "3/5"
        case (.sortedSet, _): "3/7"
        case (.hash, .compactList): "4/5"
        case (.hash, _): "4/2"
        }
    }
}
