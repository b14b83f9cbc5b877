import Memory

/// The payload of a large value (see `ValuePayload`), written in slices, so that nobody waits for it.
///
/// Between two slices the value must not change. Long strings are not compressed: that would take as long as what is to
/// be avoided.
public struct PayloadTranscript {
    private enum Place {
        case start
        /// The byte of a string that comes next.
        case text(Int)
        case members(MemberCursor)
        case end
    }

    private let entry: Entry
    private var place = Place.start
    private var checksum: UInt64 = 0

    /// Bytes of a string in one slice, and of members, about.
    private static var sliceLength: Int { 64 * 1024 }
    /// Strings beyond this length are copied as they are.
    private static var longestCompressed: Int { 64 * 1024 }
    /// Members in one slice.
    private static var sliceMembers: Int { 512 }

    public init(of entry: Entry) { self.entry = entry }

    public var isComplete: Bool { if case .end = place { true } else { false } }

    /// Puts the next slice into `writer`, which must be empty.
    public mutating func writeNext(to writer: inout RDBWriter) {
        switch place {
        case .start: begin(&writer)
        case .text(let offset): writeText(from: offset, &writer)
        case .members(let cursor): writeMembers(cursor, &writer)
        case .end: preconditionFailure("the payload is complete")
        }
        checksum = CRC64.checksum(writer.output.bytes, continuing: checksum)
        guard isComplete else { return }
        let content = writer.output.count
        writer.appendLittleEndian(UInt64(RDBWriter.version), bytes: 2)
        checksum = CRC64.checksum(writer.output.bytes.extracting(content..<content + 2), continuing: checksum)
        writer.appendLittleEndian(checksum, bytes: 8)
    }

    private mutating func begin(_ writer: inout RDBWriter) {
        if entry.type == .string, entry.stringLength > Self.longestCompressed {
            writer.output.append(RDBType.string.rawValue)
            writer.writeLength(entry.stringLength)
            place = .text(0)
        } else if let type = entry.typeInMembers {
            writer.output.append(type.rawValue)
            writer.writeLength(entry.memberCount)
            place = .members(MemberCursor(of: entry))
        } else {
            writer.writeTypeAndValue(entry)
            place = .end
        }
    }

    private mutating func writeText(from offset: Int, _ writer: inout RDBWriter) {
        let end = min(offset + Self.sliceLength, entry.stringLength)
        writer.output.append(entry.bytes.extracting(offset..<end))
        place = end < entry.stringLength ? .text(end) : .end
    }

    private mutating func writeMembers(_ start: MemberCursor, _ writer: inout RDBWriter) {
        var cursor = start
        var count = 0
        while count < Self.sliceMembers, writer.output.count < Self.sliceLength {
            guard let member = cursor.next() else { return place = .end }
            writer.write(member, compressingUpTo: Self.longestCompressed)
            count += 1
        }
        place = .members(cursor)
    }
}

extension Entry {
    /// How the value is written member by member; `nil` where it is one string.
    fileprivate var typeInMembers: RDBType? {
        switch (type, encoding) {
        case (.list, .chunks): .list
        case (.hash, .table): .hash
        case (.set, .table): .set
        case (.sortedSet, .tree): .sortedSet
        default: nil
        }
    }

    /// Elements of a list, members of a set or sorted set, fields of a hash; 0 for a string. O(1).
    public var memberCount: Int {
        switch type {
        case .string: 0
        case .list: list.count
        case .set: set.count
        case .sortedSet: sortedSet.count
        case .hash: hash.count
        }
    }
}

extension RDBWriter {
    /// A member as it stands in the value, its long strings as they are.
    fileprivate mutating func write(_ member: ValueMember, compressingUpTo limit: Int) {
        let compresses = self.compresses
        defer { self.compresses = compresses }
        self.compresses = compresses && member.byteCount <= limit
        switch member {
        case .element(let element): element.withBytes { writeString($0) }
        case .field(let field):
            field.withName { writeString($0) }
            field.withValue { writeString($0) }
        case .member(let member):
            if let number = member.integer { writeString(number) } else { writeString(member.bytes) }
        case .scored(let member):
            member.withBytes { writeString($0) }
            writeScore(member.score)
        }
    }
}

extension ValueMember {
    /// Bytes of the member, those of a field's value with it.
    public var byteCount: Int {
        switch self {
        case .element(let element): element.withBytes { $0.byteCount }
        case .field(let field): field.withName { $0.byteCount } + field.withValue { $0.byteCount }
        case .member(let member): member.withBytes { $0.byteCount }
        case .scored(let member): member.withBytes { $0.byteCount }
        }
    }
}
