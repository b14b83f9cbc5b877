import Memory
import RESP
import SlotStorage

/// The messages that give one key to another server (specification, section 8), written one after the other.
///
///     delete                                   what the target has under the key
///     string | object | pieces, then expire    the value, with its time to live
///
/// The key is pinned from the first message until the last is acknowledged, or everything is written in one go.
struct KeyTransfer {
    /// What is to be written next; the numbers are those of `SLOTSMGRT-ASYNC-STATUS`.
    enum Stage: Int {
        case prepare = 0
        case payload = 1
        case pieces = 2
        case expiry = 3
        case done = 4
    }

    let entry: Entry
    private(set) var stage = Stage.prepare
    /// Elements that went out in pieces.
    private(set) var elementsSent = 0
    private var cursor: MemberCursor?
    /// Bytes of a long string that were written of its message.
    private var textSent = 0

    init(_ entry: Entry) { self.entry = entry }

    /// Bytes of a string that are written at a time.
    private static var textSlice: Int { 256 * 1024 }

    /// What a transfer needs besides its key, kept from one to the next.
    struct Workspace: ~Copyable {
        var writer = RDBWriter()
        var pieces = CommandBuffer()
    }

    /// Writes the next message, or a part of it where it is a long string. Answers about how many bytes the message has
    /// when it is complete, else `nil`.
    mutating func writeNext(
        to output: inout ReplyBuffer, _ limits: TransferLimits, now: Int64, _ workspace: inout Workspace
    ) -> Int? {
        switch stage {
        case .prepare:
            Self.writeDeletion(of: entry.key, to: &output)
            stage = .payload
            return frameLength
        case .payload:
            if entry.type == .string { return writeText(to: &output, now: now) }
            guard entry.goesInPieces(limits) else { return writeObject(to: &output, now: now, &workspace) }
            cursor = MemberCursor(of: entry)
            stage = .pieces
            return writePieces(to: &output, limits, &workspace)
        case .pieces:
            return writePieces(to: &output, limits, &workspace)
        case .expiry:
            output.append("*4\r\n$18\r\nSLOTSRESTORE-ASYNC\r\n$6\r\nexpire\r\n")
            output.bulk(entry.key)
            output.bulk(decimal: timeToLive(now))
            stage = .done
            return frameLength
        case .done: preconditionFailure("there are no more messages")
        }
    }

    static func writeDeletion(of key: RawSpan, to output: inout ReplyBuffer) {
        output.append("*3\r\n$18\r\nSLOTSRESTORE-ASYNC\r\n$6\r\ndelete\r\n")
        output.bulk(key)
    }

    /// Bytes of a message besides those of the value, about.
    private var frameLength: Int { 64 + entry.key.byteCount }

    /// Milliseconds, at least 1, and 0 for a key that does not end.
    private func timeToLive(_ now: Int64) -> Int64 { entry.expiry.map { max(1, $0 - now) } ?? 0 }

    private mutating func writeText(to output: inout ReplyBuffer, now: Int64) -> Int? {
        let length = entry.stringLength
        if textSent == 0 {
            output.append("*5\r\n$18\r\nSLOTSRESTORE-ASYNC\r\n$6\r\nstring\r\n")
            output.bulk(entry.key)
            output.bulk(decimal: timeToLive(now))
            if length <= Self.textSlice {
                entry.withString { output.bulk($0) }
                stage = .done
                return frameLength + length
            }
            output.beginBulk(length)
        }
        let end = min(textSent + Self.textSlice, length)
        output.append(entry.bytes.extracting(textSent..<end))
        textSent = end
        guard end == length else { return nil }
        output.append("\r\n")
        stage = .done
        return frameLength + length
    }

    private mutating func writeObject(
        to output: inout ReplyBuffer, now: Int64, _ workspace: inout Workspace
    ) -> Int {
        workspace.writer.removeAll()
        ValuePayload.write(entry, to: &workspace.writer)
        output.append("*5\r\n$18\r\nSLOTSRESTORE-ASYNC\r\n$6\r\nobject\r\n")
        output.bulk(entry.key)
        output.bulk(decimal: timeToLive(now))
        output.bulk(workspace.writer.output.bytes)
        stage = .done
        return frameLength + workspace.writer.output.count
    }

    // MARK: Pieces

    private mutating func writePieces(
        to output: inout ReplyBuffer, _ limits: TransferLimits, _ workspace: inout Workspace
    ) -> Int {
        guard var cursor else { preconditionFailure("pieces of a value that has none") }
        let total = entry.memberCount
        let (mostBulks, mostBytes) = limits.ofPiece
        var bulks = 0
        workspace.pieces.removeAll()
        while elementsSent < total, bulks == 0 || bulks < mostBulks && workspace.pieces.count < mostBytes {
            guard let member = cursor.next() else { preconditionFailure("a value with fewer elements than it counts") }
            bulks += workspace.pieces.append(member)
            elementsSent += 1
        }
        self.cursor = cursor
        output.array(5 + bulks)
        output.append("$18\r\nSLOTSRESTORE-ASYNC\r\n$4\r\n")
        output.append(entry.nameOfPieces)
        output.append("\r\n")
        output.bulk(entry.key)
        output.bulk(decimal: Int64(limits.pieceTimeToLive))
        output.bulk(decimal: Int64(total))
        output.append(workspace.pieces.bytes)
        if elementsSent == total { stage = .expiry }
        return frameLength + workspace.pieces.count
    }
}

extension TransferLimits {
    /// The limits for one piece. Without a limit for bytes, what a piece may have is up to the caller alone.
    fileprivate var ofPiece: (bulks: Int, bytes: Int) {
        bytes == .max
            ? (bulks, bytes) : (min(bulks, Self.mostBulksOfPiece), min(bytes, Self.mostBytesOfPiece))
    }
}

extension Entry {
    /// The word for pieces of the value.
    fileprivate var nameOfPieces: StaticString {
        switch type {
        case .list: "list"
        case .hash: "hash"
        case .set: "dict"
        case .sortedSet: "zset"
        case .string: preconditionFailure("a string has no pieces")
        }
    }

    /// Bulks that the value's elements make, where it may go in pieces at all: hashes and sets in their compact forms do
    /// not, lists do in every form.
    private var bulks: Int {
        switch (type, encoding) {
        case (.list, _): list.count
        case (.hash, .table): 2 * hash.count
        case (.set, .table): set.count
        case (.sortedSet, .tree): 2 * sortedSet.count
        default: 0
        }
    }

    /// Whether the value is too large for one message.
    func goesInPieces(_ limits: TransferLimits) -> Bool {
        let bulks = self.bulks
        if bulks > limits.bulks { return true }
        // Without a limit for bytes nothing is to be sent, and nobody to be kept waiting.
        if limits.bytes == .max || bulks == 0 { return false }
        return bulks > TransferLimits.mostBulks || isLonger(than: TransferLimits.mostBytes)
    }

    /// Whether the elements have more bytes than that. O(elements up to there).
    private func isLonger(than limit: Int) -> Bool {
        var total = 0
        var cursor = MemberCursor(of: self)
        while total <= limit {
            guard let member = cursor.next() else { return false }
            total += member.byteCount
        }
        return true
    }

    /// How many messages the value takes, about: what a slot's batch is measured by.
    func estimatedMessages(_ limits: TransferLimits) -> Int {
        let bulks = self.bulks
        return bulks > limits.bulks ? (bulks + limits.bulks - 1) / limits.bulks : 1
    }
}

extension CommandBuffer {
    /// Appends an element as arguments, and answers how many it is.
    fileprivate mutating func append(_ member: ValueMember) -> Int {
        switch member {
        case .element(let element):
            element.withBytes { bulk($0) }
            return 1
        case .field(let field):
            field.withName { bulk($0) }
            field.withValue { bulk($0) }
            return 2
        case .member(let member):
            member.withBytes { bulk($0) }
            return 1
        case .scored(let member):
            member.withBytes { bulk($0) }
            bulk(littleEndian: member.score.bitPattern)
            return 2
        }
    }
}
