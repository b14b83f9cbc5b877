import Memory

@testable import RESP
import TestSupport

/// A reply with the bytes that it should be.
struct SampleReply: Sendable {
    let name: String
    let expected: [UInt8]
    let write: @Sendable (inout ReplyBuffer) -> Void

    init(_ name: String, _ expected: [UInt8], _ write: @escaping @Sendable (inout ReplyBuffer) -> Void) {
        self.name = name
        self.expected = expected
        self.write = write
    }

    init(_ name: String, _ expected: String, _ write: @escaping @Sendable (inout ReplyBuffer) -> Void) {
        self.init(name, [UInt8](expected), write)
    }

    private static let binary: [UInt8] = [0, 13, 10, 255, 36]
    private static let long = [UInt8](repeating: 0x61, count: 17_000)

    static let all: [SampleReply] = [
        SampleReply("ok", "+OK\r\n") { $0.ok() },
        SampleReply("status", "+QUEUED\r\n") { $0.status("QUEUED") },
        SampleReply("empty status", "+\r\n") { $0.status("") },
        SampleReply("status of bytes", "+a b\r\n") { $0.status([UInt8]("a b").raw) },
        SampleReply("error", "-ERR no such key\r\n") { $0.error("ERR no such key") },
        SampleReply("error of two lines", "-ERR one  two three\r\n") { $0.error("ERR one\r\ntwo\nthree") },
        SampleReply("digit", ":7\r\n") { $0.integer(7) },
        SampleReply("two digits", ":10\r\n") { $0.integer(10) },
        SampleReply("negative digit", ":-1\r\n") { $0.integer(-1) },
        SampleReply("smallest integer", ":-9223372036854775808\r\n") { $0.integer(Int64.min) },
        SampleReply("bulk", "$3\r\nbar\r\n") { $0.bulk([UInt8]("bar").raw) },
        SampleReply("empty bulk", "$0\r\n\r\n") { $0.bulk(RawSpan()) },
        SampleReply("bulk of ten", "$10\r\n0123456789\r\n") { $0.bulk([UInt8]("0123456789")) },
        SampleReply("binary bulk", [UInt8]("$5\r\n") + binary + [13, 10]) { $0.bulk(binary.raw) },
        SampleReply("long bulk", [UInt8]("$17000\r\n") + long + [13, 10]) { $0.bulk(long.raw) },
        SampleReply("literal bulk", "$4\r\nnone\r\n") { $0.bulk("none" as StaticString) },
        SampleReply("text bulk", "$6\r\n你好\r\n") { $0.bulk("你好" as String) },
        SampleReply("decimal bulk", "$2\r\n-5\r\n") { $0.bulk(decimal: -5) },
        SampleReply("decimal bulk of twenty", "$20\r\n-9223372036854775808\r\n") { $0.bulk(decimal: .min) },
        SampleReply("null", "$-1\r\n") { $0.null() },
        SampleReply("null array", "*-1\r\n") { $0.nullArray() },
        SampleReply("array of none", "*0\r\n") { $0.array(0) },
        SampleReply("array of many", "*1048576\r\n") { $0.array(1_048_576) },
        SampleReply("raw bytes", "abc") { $0.append([UInt8]("abc").raw) },
        SampleReply("raw literal", "+OK\r\n:1\r\n") { $0.append("+OK\r\n:1\r\n") },
        SampleReply("raw byte", "x") { $0.append(UInt8(ascii: "x")) },
    ]
}
