internal import Memory

/// Which of the 1024 slots a key lives in, and which group it moves with: Codis' slot function.
///
/// `slot = CRC32(tag) & 1023`. The tag is what stands between the first `{` and the first `}` after it, **even when
/// that
/// is nothing**, else the whole key (specification, section 1).
@frozen
public struct SlotTag: Equatable, Sendable {
    public static let slotCount = 1024

    /// CRC-32 of the tag: keys with a tag are one group when these are equal.
    public let crc: UInt32
    /// Whether the key has braces that make a tag.
    public let isTagged: Bool

    /// 0 to 1023.
    @inlinable
    public var slot: Int { Int(crc & 1023) }

    /// The slot and group of `key`. O(length of the key).
    public init(of key: RawSpan) {
        if let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key.firstIndex(of: UInt8(ascii: "}"), from: open + 1)
        {
            crc = Self.crc32(key.extracting((open + 1)..<close))
            isTagged = true
        } else {
            crc = Self.crc32(key)
            isTagged = false
        }
    }

    /// CRC-32 as zlib computes it. O(n), eight bytes a step.
    static func crc32(_ bytes: RawSpan) -> UInt32 {
        unsafe crc32Table.withUnsafeBufferPointer { table in
            var crc: UInt32 = 0xffff_ffff
            var index = 0
            let count = bytes.byteCount
            while count - index >= 8 {
                let word = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
                let low = UInt32(truncatingIfNeeded: word) ^ crc
                let high = UInt32(truncatingIfNeeded: word >> 32)
                // Indexes are below 2048 by construction.
                crc =
                    unsafe table[unchecked: 7 * 256 + Int(low & 255)]
                    ^ table[unchecked: 6 * 256 + Int(low >> 8 & 255)]
                    ^ table[unchecked: 5 * 256 + Int(low >> 16 & 255)]
                    ^ table[unchecked: 4 * 256 + Int(low >> 24)]
                    ^ table[unchecked: 3 * 256 + Int(high & 255)]
                    ^ table[unchecked: 2 * 256 + Int(high >> 8 & 255)]
                    ^ table[unchecked: 1 * 256 + Int(high >> 16 & 255)]
                    ^ table[unchecked: Int(high >> 24)]
                index += 8
            }
            while index < count {
                crc = unsafe table[unchecked: Int((crc ^ UInt32(bytes[index])) & 255)] ^ (crc >> 8)
                index += 1
            }
            return ~crc
        }
    }
}

extension UnsafeBufferPointer {
    @inline(__always)
    fileprivate subscript(unchecked index: Int) -> Element {
        unsafe _unsafelyUnwrappedBase[index]
    }

    @inline(__always)
    private var _unsafelyUnwrappedBase: UnsafePointer<Element> { unsafe baseAddress.unsafelyUnwrapped }
}
