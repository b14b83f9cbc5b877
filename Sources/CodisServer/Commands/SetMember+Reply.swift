import Memory
import RESP
import SlotStorage

extension ReplyBuffer {
    /// A bulk string with the text of a member. O(n), without a copy but the reply's own.
    mutating func bulk(_ member: SetMember) {
        if let number = member.integer { bulk(decimal: number) } else { bulk(member.bytes) }
    }
}
