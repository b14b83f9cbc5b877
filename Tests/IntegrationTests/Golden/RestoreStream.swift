/// What a series of restore commands, as a migration sends them, amounts to.
///
/// Two servers may both be right and differ in the order of members of unordered types, in the way strings are packed, in
/// the moment a time to live was read, and in where large values are cut; so they are compared by this, and not byte by
/// byte.
struct RestoreStream {
    /// What the commands say about one key.
    fileprivate struct Key {
        /// The kinds of command, in their order, chunks of one value once.
        var kinds: [String] = []
        var timeToLive: Int?
        var value: Value?
        var hints: Set<Int> = []
        var chunkTimeToLive: Int?
        var largestChunk = 0
    }

    fileprivate enum Value: Equatable {
        case dumped(DumpedValue)
        case list([Bytes])
        case set(Set<Bytes>)
        case hash([Bytes: Bytes])
        case sortedSet([Bytes: UInt64])
    }

    private var handshake: [[Bytes]] = []
    private var keys: [Bytes: Key] = [:]
    private var other: [[Bytes]] = []

    /// Milliseconds by which times to live may differ.
    fileprivate static let patience = 6000

    init(_ commands: [[Bytes]]) throws {
        for words in commands { try add(words) }
    }

    private mutating func add(_ words: [Bytes]) throws {
        guard words.count > 1 else { return other.append(words) }
        switch words[0].latin1.uppercased() {
        case "SLOTSRESTORE-ASYNC-AUTH", "SLOTSRESTORE-ASYNC-SELECT": handshake.append(words)
        case "SLOTSRESTORE-ASYNC" where words.count > 2: try addMessage(words)
        default: other.append(words)
        }
    }

    private mutating func addMessage(_ words: [Bytes]) throws {
        let (kind, name) = (words[1].latin1.lowercased(), words[2])
        if kind == "delete" {
            keys[name] = Key(kinds: ["delete"])
            return
        }
        guard words.count > 3, let timeToLive = Int(words[3].latin1) else {
            throw BadRecording("a message without a time to live")
        }
        var key = keys[name] ?? Key()
        key.timeToLive = timeToLive
        switch kind {
        case "expire": key.kinds.append(kind)
        case "string" where words.count == 5:
            key.kinds.append(kind)
            key.value = .dumped(.string(words[4]))
        case "object" where words.count == 5:
            key.kinds.append(kind)
            key.value = .dumped(try DumpedValue(payload: words[4]))
        default: try key.addChunk(kind, words)
        }
        keys[name] = key
    }

    /// What is wrong with `other`, when this is right.
    func differences(_ other: RestoreStream) -> [String] {
        var found: [String] = []
        if handshake != other.handshake {
            found.append("another handshake: \(other.handshake.map { $0.map(\.latin1) })")
        }
        if self.other != other.other { found.append("commands that do not belong: \(other.other.prefix(3))") }
        for name in Set(keys.keys).union(other.keys.keys).sorted(by: { $0.precedes($1) }) {
            switch (keys[name], other.keys[name]) {
            case (let want?, let have?): found += want.differences(have).map { "key \(name.shown()): \($0)" }
            case (_?, nil): found.append("key \(name.shown()) was not sent")
            case (nil, _): found.append("key \(name.shown()) should not have been sent")
            }
        }
        return found
    }
}

extension RestoreStream.Key {
    fileprivate mutating func addChunk(_ kind: String, _ words: [Bytes]) throws {
        guard words.count >= 5, let hint = Int(words[4].latin1) else { throw BadRecording("a chunk without a hint") }
        let items = Array(words[5...])
        if kinds.last != kind {
            kinds.append(kind)
            value = nil
            chunkTimeToLive = timeToLive
        }
        hints.insert(hint)
        largestChunk = max(largestChunk, items.count)
        switch (kind, value) {
        case ("list", nil): value = .list(items)
        case ("list", .list(let old)): value = .list(old + items)
        case ("dict", nil): value = .set(Set(items))
        case ("dict", .set(let old)): value = .set(old.union(items))
        case ("hash", nil): value = .hash(Self.pairs(items))
        case ("hash", .hash(let old)): value = .hash(old.merging(Self.pairs(items)) { $1 })
        case ("zset", nil): value = .sortedSet(try Self.scores(items))
        case ("zset", .sortedSet(let old)): value = .sortedSet(old.merging(try Self.scores(items)) { $1 })
        default: throw BadRecording("no such message: \(kind)")
        }
    }

    private static func pairs(_ items: [Bytes]) -> [Bytes: Bytes] {
        Dictionary(stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], items[$0 + 1]) }) { $1 }
    }

    private static func scores(_ items: [Bytes]) throws -> [Bytes: UInt64] {
        try pairs(items).mapValues { bytes in
            guard bytes.count == 8 else { throw BadRecording("a score of \(bytes.count) bytes") }
            return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    fileprivate func differences(_ other: Self) -> [String] {
        var found: [String] = []
        if kinds != other.kinds { found.append("other messages: \(kinds) and \(other.kinds)") }
        if !Self.isNear(timeToLive, other.timeToLive) {
            found.append("another time to live: \(timeToLive ?? -1) and \(other.timeToLive ?? -1)")
        }
        if value != other.value { found.append("another value") }
        if hints != other.hints { found.append("other hints: \(hints) and \(other.hints)") }
        if chunkTimeToLive != other.chunkTimeToLive { found.append("another time to live of chunks") }
        if other.largestChunk > 2 * largestChunk + 64 { found.append("a chunk of \(other.largestChunk) arguments") }
        return found
    }

    private static func isNear(_ want: Int?, _ have: Int?) -> Bool {
        guard let want, let have, want != 0, have != 0 else { return want == have }
        return abs(want - have) <= RestoreStream.patience
    }
}
