import Memory

@testable import SlotStorage
import TestSupport

extension Entry {
    /// An entry outside of any database, with an empty value.
    static func make(_ key: [UInt8]) -> Entry {
        let tag = SlotTag(of: key.raw)
        return make(key.raw, EntryDraft(inline: RawSpan()), expiry: nil, isTagged: tag.isTagged, mark: false, clock: 0)
    }

    /// The key, copied.
    var keyCopy: [UInt8] { key.array }

    /// The text of a string value, copied.
    var stringCopy: [UInt8] {
        var buffer = ByteBuffer()
        appendString(to: &buffer)
        return buffer.bytes.array
    }
}
