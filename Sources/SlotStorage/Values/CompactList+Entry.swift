internal import Memory

/// One entry of a compact list:
///
///     1 byte     size of the entry before, if under 254; or
///     5 bytes    254 and that size in 32 bits, little-endian (may hold a small size, too: links do not shrink)
///     then
///     00pppppp                         a string of up to 63 bytes
///     01pppppp qqqqqqqq                a string of up to 16383 bytes, the length big-endian
///     10000000 and 4 bytes             a longer string, the length big-endian
///     11000000, 11010000, 11100000     an integer of 16, 32, 64 bits, little-endian
///     11110000, 11111110               an integer of 24, 8 bits
///     1111xxxx                         an integer from 0 to 12, as xxxx - 1
///
/// Redis keeps every string that spells a number canonically as an integer of the smallest size.
extension CompactList {
    enum IntegerCode {
        static let bits16: UInt8 = 0xc0
        static let bits32: UInt8 = 0xd0
        static let bits64: UInt8 = 0xe0
        static let bits24: UInt8 = 0xf0
        static let bits8: UInt8 = 0xfe
        /// The codes of 0 and of 12.
        static let zero: UInt8 = 0xf1
        static let twelve: UInt8 = 0xfd

        /// Bytes behind a code; `nil` for what is no code of an integer.
        static func contentSize(_ code: UInt8) -> Int? {
            switch code {
            case zero...twelve: 0
            case bits8: 1
            case bits16: 2
            case bits24: 3
            case bits32: 4
            case bits64: 8
            default: nil
            }
        }
    }

    /// Link sizes are told apart by this byte.
    static let wideLinkMark: UInt8 = 254
    static let wideLinkSize = 5

    /// Bytes that a link to an entry of `size` bytes takes.
    static func linkSize(for size: Int) -> Int { size < Int(wideLinkMark) ? 1 : wideLinkSize }

    /// The front of an entry: how far back the one before begins.
    struct EntryLink {
        let size: Int
        let previousSize: Int
    }

    @inline(__always)
    func entryLink(at position: Position) -> EntryLink {
        precondition(position >= Self.headerSize && position < end, "not a position of an entry")
        let first = load(at: position)
        if first < Self.wideLinkMark { return EntryLink(size: 1, previousSize: Int(first)) }
        return EntryLink(size: Self.wideLinkSize, previousSize: Int(load32(at: position + 1)))
    }

    /// Writes the link of the entry at `position`, in its wide form where the size or the caller calls for it.
    func writeLink(to previousSize: Int, at position: Position, wide: Bool) {
        if !wide, previousSize < Int(Self.wideLinkMark) {
            store(UInt8(previousSize), at: position)
        } else {
            store(Self.wideLinkMark, at: position)
            store32(previousSize, at: position + 1)
        }
    }

    /// Where an entry's parts are.
    struct EntryLayout {
        let position: Position
        let link: EntryLink
        let code: UInt8
        let contentOffset: Int
        let contentSize: Int

        var end: Int { contentOffset + contentSize }
        var size: Int { end - position }
        var isInteger: Bool { code >= IntegerCode.bits16 }
    }

    @inline(__always)
    func entry(at position: Position) -> EntryLayout {
        let link = entryLink(at: position)
        let offset = position + link.size
        let code = load(at: offset)
        let (lengthSize, contentSize): (Int, Int) =
            switch code >> 6 {
            case 0: (1, Int(code))
            case 1: (2, Int(code & 0x3f) << 8 | Int(load(at: offset + 1)))
            case 2: (5, Int(load32(at: offset + 1).byteSwapped))
            // Every code of a list that was made or checked here is one.
            default: (1, IntegerCode.contentSize(code) ?? 0)
            }
        return EntryLayout(
            position: position, link: link, code: code, contentOffset: offset + lengthSize, contentSize: contentSize)
    }

    /// How bytes are going to be kept as an entry.
    struct EntryForm {
        /// The number that is kept in the place of the bytes.
        let number: Int64?
        let code: UInt8
        let lengthSize: Int
        let contentSize: Int

        /// Bytes of the entry but for its link.
        var size: Int { lengthSize + contentSize }

        init(_ bytes: RawSpan) {
            if let integer = Int64(canonical: bytes) {
                self.init(integer)
            } else {
                self.init(stringOf: bytes.byteCount)
            }
        }

        private init(stringOf length: Int) {
            number = nil
            code = length < 1 << 6 ? UInt8(length) : length < 1 << 14 ? UInt8(length >> 8) | 0x40 : 0x80
            lengthSize = length < 1 << 6 ? 1 : length < 1 << 14 ? 2 : 5
            contentSize = length
        }

        /// An integer's.
        init(_ integer: Int64) {
            number = integer
            code = Self.code(for: integer)
            lengthSize = 1
            contentSize = IntegerCode.contentSize(code) ?? 0
        }

        private static func code(for number: Int64) -> UInt8 {
            switch number {
            case 0...12: IntegerCode.zero + UInt8(number)
            case -1 << 7..<1 << 7: IntegerCode.bits8
            case -1 << 15..<1 << 15: IntegerCode.bits16
            case -1 << 23..<1 << 23: IntegerCode.bits24
            case -1 << 31..<1 << 31: IntegerCode.bits32
            default: IntegerCode.bits64
            }
        }
    }

    /// Writes what follows an entry's link; `form` is that of `bytes`.
    func writeContent(_ bytes: RawSpan, _ form: EntryForm, at offset: Int) {
        store(form.code, at: offset)
        if let number = form.number {
            for index in 0..<form.contentSize {
                store(UInt8(truncatingIfNeeded: number >> Int64(8 * index)), at: offset + 1 + index)
            }
            return
        }
        if form.lengthSize == 2 { store(UInt8(truncatingIfNeeded: form.contentSize), at: offset + 1) }
        if form.lengthSize == 5 { store32(Int(UInt32(form.contentSize).byteSwapped), at: offset + 1) }
        write(bytes, at: offset + form.lengthSize)
    }
}
