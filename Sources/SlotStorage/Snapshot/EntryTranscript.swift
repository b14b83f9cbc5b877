internal import Memory

/// An entry on its way into a snapshot in short steps, so that a value of any size holds nobody up.
///
/// The value must not change between the first step and the last.
struct EntryTranscript {
    let entry: Entry
    let database: Int

    private enum Place {
        case start
        /// A value that is one string: this byte comes next.
        case bytes(Int)
        case members
        /// A long part of a member: 0 is its first string, 1 the second; this byte comes next.
        case part(ValueMember, Int, Int)
        case expiry
        case end
    }

    private var place = Place.start
    private var cursor: MemberCursor?
    /// Members that are still to come.
    private var left = 0
    /// Members that belong into the command that was begun.
    private var leftInCommand = 0

    /// Bytes copied in one step, at most.
    private static let stepLength = 64 * 1024
    /// Members that one command adds: `REDIS_AOF_REWRITE_ITEMS_PER_CMD` of Redis.
    private static let membersPerCommand = 64

    init(of entry: Entry, in database: Int) {
        self.entry = entry
        self.database = database
    }

    /// Writes a bit; `false` when nothing was left to write.
    mutating func step(_ output: inout SnapshotOutput) -> Bool {
        switch place {
        case .start: start(&output)
        case .bytes(let offset): writeBytes(from: offset, &output)
        case .members: writeMember(&output)
        case .part(let member, let part, let offset): write(member, part: part, from: offset, &output)
        case .expiry: writeExpiry(&output)
        case .end: return false
        }
        return true
    }

    // MARK: Steps

    private mutating func start(_ output: inout SnapshotOutput) {
        if output.format == .rdb { output.beginEntry(entry, in: database) } else { output.select(database) }
        if entry.type == .string || (output.format == .rdb && entry.isOneString) {
            if output.format == .commands {
                output.beginCommand("SET", arguments: 2)
                output.writeString(entry.key)
            }
            place = .bytes(0)
        } else {
            left = entry.memberCount
            if output.format == .rdb { output.writeCount(left) }
            cursor = MemberCursor(of: entry)
            place = .members
        }
    }

    private mutating func writeBytes(from offset: Int, _ output: inout SnapshotOutput) {
        let next = entry.withOneString { Self.write($0, from: offset, &output) }
        place = next.map { .bytes($0) } ?? .expiry
    }

    private mutating func writeMember(_ output: inout SnapshotOutput) {
        guard let member = cursor?.next() else { return place = .expiry }
        if output.format == .commands { beginCommandWhenDue(&output) }
        left -= 1
        leftInCommand -= 1
        write(member, part: 0, from: 0, &output)
    }

    /// Writes a part of a member, and what follows it as far as that is short.
    private mutating func write(_ member: ValueMember, part: Int, from offset: Int, _ output: inout SnapshotOutput) {
        if part == 0, offset == 0, output.format == .commands, case .scored(let scored) = member {
            scored.score.withScoreText { output.writeString($0) }
        }
        if let next = member.withPart(part, { Self.write($0, from: offset, &output) }) {
            return place = .part(member, part, next)
        }
        place = .members
        switch member {
        case .scored(let scored): if output.format == .rdb { output.writeScore(scored.score) }
        case .field: if part == 0 { write(member, part: 1, from: 0, &output) }
        case .element, .member: break
        }
    }

    private mutating func writeExpiry(_ output: inout SnapshotOutput) {
        place = .end
        guard output.format == .commands, let expiry = entry.expiry else { return }
        output.beginCommand("PEXPIREAT", arguments: 2)
        output.writeString(entry.key)
        expiry.withDigits { output.writeString($0) }
    }

    /// Begins the command that the next members belong to.
    private mutating func beginCommandWhenDue(_ output: inout SnapshotOutput) {
        guard leftInCommand == 0 else { return }
        leftInCommand = min(left, Self.membersPerCommand)
        switch entry.type {
        case .list: output.beginCommand("RPUSH", arguments: 1 + leftInCommand)
        case .set: output.beginCommand("SADD", arguments: 1 + leftInCommand)
        case .sortedSet: output.beginCommand("ZADD", arguments: 1 + 2 * leftInCommand)
        case .hash: output.beginCommand("HMSET", arguments: 1 + 2 * leftInCommand)
        case .string: preconditionFailure("a string has no members")
        }
        output.writeString(entry.key)
    }

    /// Writes a string from `offset` on, a step of it at most, and answers where to go on; `nil` at its end.
    private static func write(_ bytes: RawSpan, from offset: Int, _ output: inout SnapshotOutput) -> Int? {
        if bytes.byteCount <= stepLength {
            output.writeString(bytes)
            return nil
        }
        if offset == 0 { output.beginString(bytes.byteCount) }
        let end = min(offset + stepLength, bytes.byteCount)
        output.append(bytes.extracting(offset..<end))
        if end < bytes.byteCount { return end }
        output.endString()
        return nil
    }
}

extension Entry {
    /// Whether the value is one string in an RDB file.
    fileprivate var isOneString: Bool {
        switch encoding {
        case .inline, .integer, .block, .compactList, .integerSet: true
        case .table, .chunks, .tree: false
        }
    }

    /// Lets `body` see the string that the value is in an RDB file.
    fileprivate func withOneString<Result>(_ body: (RawSpan) -> Result) -> Result {
        switch type {
        case .string: withString(body)
        case .list: body(list.compact.bytes)
        case .hash: body(hash.list.bytes)
        case .set: body(set.integers.bytes)
        case .sortedSet: body(sortedSet.compact.list.bytes)
        }
    }
}

extension ValueMember {
    /// Lets `body` see the first string of the member, or with `part` 1 the second, which fields of hashes have.
    fileprivate func withPart<Result>(_ part: Int, _ body: (RawSpan) -> Result) -> Result {
        switch self {
        case .element(let element): element.withBytes(body)
        case .field(let field): part == 0 ? field.withName(body) : field.withValue(body)
        case .member(let member): member.withBytes(body)
        case .scored(let member): member.withBytes(body)
        }
    }
}
