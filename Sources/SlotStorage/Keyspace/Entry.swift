internal import Memory

/// What kind of value a key holds; the numbers are Redis' (`REDIS_STRING` and so on).
@frozen
public enum ValueType: UInt8, Sendable, BitwiseCopyable {
    case string = 0
    case list = 1
    case set = 2
    case sortedSet = 3
    case hash = 4

    /// As `TYPE` answers.
    public var name: StaticString {
        switch self {
        case .string: "string"
        case .list: "list"
        case .set: "set"
        case .sortedSet: "zset"
        case .hash: "hash"
        }
    }
}

/// How a value is kept.
@frozen
public enum ValueEncoding: UInt8, Sendable, BitwiseCopyable {
    /// String bytes behind the key in the entry itself.
    case inline = 0
    /// A 64-bit integer in the entry.
    case integer = 1
    /// String bytes in a `StringBlock`.
    case block = 2
    /// A small list, hash or sorted set as a `CompactList`.
    case compactList = 3
    /// A small set of integers as an `IntegerSet`.
    case integerSet = 4
    /// A hash or set as a table.
    case table = 5
    /// A list as a chain of blocks.
    case chunks = 6
    /// A sorted set as a tree.
    case tree = 7

    /// As `OBJECT ENCODING` answers in Redis 2.8, which knows one form of string only.
    public var name: StaticString {
        switch self {
        case .integer: "int"
        case .inline, .block: "raw"
        case .compactList: "ziplist"
        case .integerSet: "intset"
        case .table: "hashtable"
        case .chunks: "linkedlist"
        case .tree: "skiplist"
        }
    }
}

/// A key with all that belongs to it, in one allocation.
///
///     8 bytes   header, below
///     8 bytes   time of expiry in Unix milliseconds, if there is one
///     8 bytes   the integer, or the pointer to the value, if the value is not inline
///     8 bytes   length of the key, if it is over 2047
///     n bytes   the key
///     n bytes   the value, if inline
///
///     header bits   0..2 type   3..6 encoding   7 expires   8 long key   9 pinned   10 tagged   11 mark
///                   12..22 length of the key    23..33 length of an inline value   34..63 access clock
///
/// A 16-byte key with a 16-byte value is 40 bytes (48 in jemalloc), and 48 with an expiry.
///
/// An `Entry` is a view that is valid until the next change of its database; whoever changes an entry's value does it
/// through the `Database`.
@safe
@frozen
public struct Entry: BitwiseCopyable, Equatable {
    @usableFromInline let base: UnsafeMutableRawPointer

    @inlinable
    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// Whether both are views of the same entry.
    @inlinable
    public static func == (left: Entry, right: Entry) -> Bool { unsafe left.base == right.base }

    @usableFromInline
    var header: Header {
        @inlinable get { unsafe base.load(as: Header.self) }
        @inlinable nonmutating set { unsafe base.storeBytes(of: newValue, as: Header.self) }
    }

    @inlinable public var type: ValueType { header.type }
    @inlinable public var encoding: ValueEncoding { header.encoding }

    /// When the key ends, in Unix milliseconds, if it does.
    @inlinable
    public var expiry: Int64? {
        header.expires ? unsafe base.load(fromByteOffset: 8, as: Int64.self) : nil
    }

    /// Whether the key is on its way to another server: readers go on, writers wait.
    @inlinable
    public var isPinned: Bool {
        get { header.isPinned }
        nonmutating set { header.isPinned = newValue }
    }

    /// Which snapshots have the entry: see ``Database/mark``.
    var mark: Bool {
        get { header.mark }
        nonmutating set { header.mark = newValue }
    }

    /// Whether the key has a tag, and so belongs to a group.
    @inlinable
    public var isTagged: Bool { header.isTagged }

    /// The 30 bits that say when the key was used last, see `AccessClock`, or how often, see `AccessFrequency`.
    @inlinable
    public var accessClock: UInt32 {
        get { header.accessClock }
        nonmutating set { header.accessClock = newValue }
    }

    @inlinable
    public var key: RawSpan {
        @_lifetime(borrow self)
        get {
            let header = self.header
            return unsafe _overrideLifetime(
                RawSpan(_unsafeStart: base + header.keyOffset, byteCount: keyLength), borrowing: self)
        }
    }

    @inlinable
    var keyLength: Int {
        let header = self.header
        return header.hasLongKey
            ? unsafe base.load(fromByteOffset: header.keyOffset - 8, as: Int.self) : header.shortKeyLength
    }

    /// The integer of a string in `integer` encoding.
    @inlinable
    public var integer: Int64 { unsafe base.load(fromByteOffset: header.payloadOffset, as: Int64.self) }

    /// The bytes of a string that is not an integer.
    @inlinable
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let header = self.header
            switch header.encoding {
            case .inline:
                let offset = header.keyOffset + keyLength
                return unsafe _overrideLifetime(
                    RawSpan(_unsafeStart: base + offset, byteCount: header.inlineLength), borrowing: self)
            case .block:
                return unsafe _overrideLifetime(stringBlock.bytes, borrowing: self)
            case .integer, .compactList, .integerSet, .table, .chunks, .tree:
                preconditionFailure("a value without bytes of its own")
            }
        }
    }

    /// The length of a string value as text.
    public var stringLength: Int {
        switch encoding {
        case .integer: integer.decimalWidth
        case .inline: header.inlineLength
        case .block: stringBlock.count
        case .compactList, .integerSet, .table, .chunks, .tree: preconditionFailure("not a string")
        }
    }

    @usableFromInline
    var stringBlock: StringBlock {
        unsafe StringBlock(base.load(fromByteOffset: header.payloadOffset, as: UnsafeMutableRawPointer.self))
    }
}

extension Entry {
    /// The first eight bytes of an entry.
    @usableFromInline
    @frozen
    struct Header: BitwiseCopyable {
        @usableFromInline var bits: UInt64

        /// The longest key that is described in the header itself.
        static let longestShortKey = (1 << 11) - 1
        /// The longest value that is kept behind the key: beyond it, moving the value with the entry costs more than
        /// the second allocation.
        static let longestInlineValue = 1024

        init(
            type: ValueType, encoding: ValueEncoding, expires: Bool, keyLength: Int, inlineLength: Int, isTagged: Bool,
            mark: Bool
        ) {
            let isLong = keyLength > Self.longestShortKey
            bits =
                UInt64(type.rawValue) | UInt64(encoding.rawValue) << 3 | (expires ? 1 << 7 : 0)
                | (isLong ? 1 << 8 : 0) | (isTagged ? 1 << 10 : 0) | (mark ? 1 << 11 : 0)
                | (isLong ? 0 : UInt64(keyLength)) << 12 | UInt64(inlineLength) << 23
        }

        @inlinable var type: ValueType {
            unsafe ValueType(rawValue: UInt8(truncatingIfNeeded: bits & 7)).unsafelyUnwrapped
        }
        @inlinable var encoding: ValueEncoding {
            // Only encodings are ever written to these bits.
            get { unsafe ValueEncoding(rawValue: UInt8(truncatingIfNeeded: bits >> 3 & 15)).unsafelyUnwrapped }
            set { bits = bits & ~(15 << 3) | UInt64(newValue.rawValue) << 3 }
        }
        @inlinable var expires: Bool {
            get { bits & 1 << 7 != 0 }
            set { bits = newValue ? bits | 1 << 7 : bits & ~(1 << 7) }
        }
        @inlinable var hasLongKey: Bool { bits & 1 << 8 != 0 }
        @inlinable var isTagged: Bool { bits & 1 << 10 != 0 }
        @inlinable var shortKeyLength: Int { Int(truncatingIfNeeded: bits >> 12 & 0x7ff) }
        @inlinable var inlineLength: Int { Int(truncatingIfNeeded: bits >> 23 & 0x7ff) }

        @inlinable var isPinned: Bool {
            get { bits & 1 << 9 != 0 }
            set { bits = newValue ? bits | 1 << 9 : bits & ~(1 << 9) }
        }

        @inlinable var mark: Bool {
            get { bits & 1 << 11 != 0 }
            set { bits = newValue ? bits | 1 << 11 : bits & ~(1 << 11) }
        }

        @inlinable var accessClock: UInt32 {
            get { UInt32(truncatingIfNeeded: bits >> 34) }
            set { bits = bits & 0x3_ffff_ffff | UInt64(newValue) << 34 }
        }

        /// Where the integer or pointer is, or would be.
        @inlinable var payloadOffset: Int { expires ? 16 : 8 }

        @inlinable var keyOffset: Int {
            payloadOffset + (encoding == .inline ? 0 : 8) + (hasLongKey ? 8 : 0)
        }
    }
}
