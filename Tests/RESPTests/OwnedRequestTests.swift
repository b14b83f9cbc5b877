import Memory
import RESP
import Testing
import TestSupport

@Suite struct OwnedRequestTests {
    /// The arguments of the one request that `wire` holds, read from a copy that is used after the bytes have changed.
    private func copied(_ wire: String) throws -> [[UInt8]] {
        var bytes = Array(wire.utf8)
        var parser = RequestParser()
        let outcome = parser.parse(bytes.bytes)
        try #require(outcome == .request(length: bytes.count))
        let owned = OwnedRequest(copying: parser.request(in: bytes.bytes))
        parser.reset()
        for index in bytes.indices { bytes[index] = 0 }
        var arguments: [[UInt8]] = []
        for index in 0..<owned.request.count { arguments.append(owned.request[index].array) }
        return arguments
    }

    @Test("a copy has the same arguments, empty ones too, and outlives the bytes it came from")
    func outlives() throws {
        let wire = "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n$4\r\n\r\n\r\n\r\n"
        #expect(try copied(wire) == ["SET", "k", "", "\r\n\r\n"].map { Array($0.utf8) })
        #expect(try copied("SET  'a b' c\r\n") == ["SET", "a b", "c"].map { Array($0.utf8) })
    }

    @Test("any number of arguments", arguments: [1, 15, 16, 17, 100, 1000])
    func many(_ count: Int) throws {
        let wire = "*\(count)\r\n" + (0..<count).map { "$\("\($0)".utf8.count)\r\n\($0)\r\n" }.joined()
        #expect(try copied(wire) == (0..<count).map { Array("\($0)".utf8) })
    }

    @Test("all memory is given back")
    func balance() {
        let bytes = Array("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".utf8)
        let left = bytesLeft {
            var parser = RequestParser()
            _ = parser.parse(bytes.bytes)
            _ = OwnedRequest(copying: parser.request(in: bytes.bytes)).request.count
        }
        #expect(left == 0)
    }
}
