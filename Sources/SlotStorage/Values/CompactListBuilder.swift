internal import Memory

/// Puts a compact list together from its first entry to its last. Where all elements are known at once this is faster
/// than one insertion after the other, which would move and mend what is there already.
struct CompactListBuilder: ~Copyable {
    private var bytes = ByteBuffer()
    private var lastOffset = CompactList.headerSize
    private var lastSize = 0
    /// Entries so far.
    private(set) var count = 0

    /// A builder with room for about so many bytes.
    init(reserving size: Int) {
        bytes.reserve(CompactList.headerSize + size)
        bytes.appendZeros(CompactList.headerSize)
    }

    /// Adds an entry; a text that spells an integer is kept as one. O(length).
    mutating func append(_ text: RawSpan) {
        let form = CompactList.EntryForm(text)
        if let number = form.number { return append(number, form) }
        beginEntry(form)
        bytes.append(form.code)
        switch form.lengthSize {
        case 1: break
        case 2: bytes.append(UInt8(truncatingIfNeeded: form.contentSize))
        default: append(UInt64(UInt32(form.contentSize).byteSwapped), bytes: 4)
        }
        bytes.append(text)
    }

    /// Adds an integer. O(1).
    mutating func append(_ number: Int64) { append(number, CompactList.EntryForm(number)) }

    private mutating func append(_ number: Int64, _ form: CompactList.EntryForm) {
        beginEntry(form)
        bytes.append(form.code)
        append(UInt64(bitPattern: number), bytes: form.contentSize)
    }

    /// Writes the link to the entry before.
    private mutating func beginEntry(_ form: CompactList.EntryForm) {
        let linkSize = CompactList.linkSize(for: lastSize)
        lastOffset = bytes.count
        if linkSize == 1 {
            bytes.append(UInt8(lastSize))
        } else {
            bytes.append(CompactList.wideLinkMark)
            append(UInt64(lastSize), bytes: 4)
        }
        lastSize = linkSize + form.size
        count += 1
    }

    private mutating func append(_ number: UInt64, bytes size: Int) {
        for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }

    /// The list, which is the caller's.
    consuming func finish() -> CompactList {
        bytes.append(CompactList.endMarker)
        precondition(bytes.count <= CompactList.largestSize, "a compact list that is too large")
        let list = CompactList.make(copying: bytes.bytes)
        list.byteCount = bytes.count
        list.tailOffset = lastOffset
        list.adjustCount(by: count)
        return list
    }
}
