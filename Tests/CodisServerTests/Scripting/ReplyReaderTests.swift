import Memory
import RESP
import Testing

@testable import CodisServer

/// What the commands of scripts reply, read back.
@Suite struct ReplyReaderTests {
    @Test(arguments: [0, 1, -1, 9, 10, 1_000_000, -1_000_000, .max, .min])
    func integers(_ number: Int) {
        var reply = ReplyBuffer()
        reply.integer(number)
        let (kind, found) = reply.withBytes { bytes -> (UInt8, Int) in
            var reader = ReplyReader(bytes)
            return (reader.kind(), reader.number())
        }
        #expect(kind == UInt8(ascii: ":"))
        #expect(found == number)
    }

    /// Replies of many kinds one behind the other, at every border of the buffer's chunks.
    @Test func aReplyOfManyParts() {
        for padding in stride(from: 16_300, through: 16_400, by: 1) {
            var reply = ReplyBuffer()
            let text = [UInt8](repeating: 7, count: padding)
            reply.array(4)
            reply.bulk(text.bytes)
            reply.status("OK")
            reply.bulk("")
            reply.null()
            let isRight = reply.withBytes { bytes -> Bool in
                var reader = ReplyReader(bytes)
                guard reader.kind() == UInt8(ascii: "*"), reader.number() == 4 else { return false }
                guard reader.kind() == UInt8(ascii: "$") else { return false }
                guard reader.string(reader.number()).elementsEqual(text.bytes) else { return false }
                guard reader.kind() == UInt8(ascii: "+"), reader.line().elementsEqual(StaticString("OK").bytes) else {
                    return false
                }
                guard reader.kind() == UInt8(ascii: "$"), reader.string(reader.number()).byteCount == 0 else {
                    return false
                }
                return reader.kind() == UInt8(ascii: "$") && reader.number() == -1
            }
            #expect(isRight, "a bulk of \(padding) bytes")
        }
    }
}
