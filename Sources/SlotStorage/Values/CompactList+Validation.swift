internal import Memory

/// Looking at bytes from outside before they are believed.
extension CompactList {
    /// Whether `bytes` are a compact list as Redis could have written it: every size, link and code is right, and
    /// nothing lies between or behind the entries. Says nothing about what the entries mean. O(n); reads nothing
    /// outside `bytes`.
    static func isValid(_ bytes: RawSpan) -> Bool {
        let size = bytes.byteCount
        guard size >= emptySize, size <= largestSize, littleEndian(bytes, 0, 4) == size, bytes[size - 1] == endMarker
        else { return false }
        var position = headerSize
        var last = headerSize
        var previousSize = 0
        var count = 0
        while position < size - 1 {
            guard let entrySize = validEntrySize(bytes, at: position, previousSize: previousSize) else { return false }
            last = position
            position += entrySize
            previousSize = entrySize
            count += 1
        }
        let storedCount = littleEndian(bytes, 8, 2)
        // The greatest number says nothing, and stays when entries are removed.
        return position == size - 1 && littleEndian(bytes, 4, 4) == last
            && (storedCount == count || storedCount == Int(UInt16.max))
    }

    /// The size of the entry at `position` with all its bytes before the end marker, `nil` when it is not right.
    private static func validEntrySize(_ bytes: RawSpan, at position: Position, previousSize: Int) -> Int? {
        let end = bytes.byteCount - 1
        var offset = position
        if bytes[offset] < wideLinkMark {
            guard bytes[offset] == previousSize else { return nil }
            offset += 1
        } else {
            guard bytes[offset] == wideLinkMark, end - offset >= wideLinkSize,
                littleEndian(bytes, offset + 1, 4) == previousSize
            else { return nil }
            offset += wideLinkSize
        }
        guard offset < end else { return nil }
        let code = bytes[offset]
        var contentSize: Int
        var lengthSize = 1
        switch code >> 6 {
        case 0: contentSize = Int(code)
        case 1:
            lengthSize = 2
            guard end - offset >= lengthSize else { return nil }
            contentSize = Int(code & 0x3f) << 8 | Int(bytes[offset + 1])
        case 2:
            lengthSize = 5
            guard code == 0x80, end - offset >= lengthSize else { return nil }
            contentSize = 0
            for index in 1...4 { contentSize = contentSize << 8 | Int(bytes[offset + index]) }
        default:
            guard let size = IntegerCode.contentSize(code) else { return nil }
            contentSize = size
        }
        offset += lengthSize
        guard contentSize <= end - offset else { return nil }
        return offset + contentSize - position
    }

    private static func littleEndian(_ bytes: RawSpan, _ offset: Int, _ size: Int) -> Int {
        var number = 0
        for index in 0..<size { number |= Int(bytes[offset + index]) << (8 * index) }
        return number
    }
}
