import Memory
import RESP
import SlotStorage

extension ReplyBuffer {
    /// A bulk string with the text of a string value. O(n), without a copy but the reply's own.
    @inline(__always)
    mutating func bulk(_ entry: Entry) {
        if entry.encoding == .integer { bulk(decimal: entry.integer) } else { bulk(entry.bytes) }
    }
}
