import Testing

@testable import Memory
@testable import SlotStorage
import TestSupport

struct StringDraftTests {
    /// Short ones lie behind the key, long ones in a block; neither becomes a number.
    @Test(arguments: [0, 1, 2, 1023, 1024, 1025, 5000])
    func becomesAString(_ length: Int) throws {
        var keyspace = Keyspace(databaseCount: 1, hashSeed: 0)
        let key = Array("key".utf8)
        let draft = unsafe StringDraft([UInt8(49)].span.bytes, paddedTo: length)
        unsafe keyspace[0].setString(key.span.bytes, draft, expiry: .at(99))
        let entry = try #require(unsafe keyspace[0].find(key.span.bytes))
        var expected = [UInt8](repeating: 0, count: max(length, 1))
        expected[0] = 49
        #expect(entry.bytes.array == expected && entry.expiry == 99 && entry.encoding != .integer)
    }

    @Test func isChangedInPlace() {
        var draft = unsafe StringDraft([UInt8](arrayLiteral: 1, 2, 3).span.bytes, paddedTo: 4, spare: 100)
        fill(&draft)
        let value = draft.finish()
        #expect(value.block?.bytes.array == [1, 8, 8, 8])
        value.free()
    }

    private func fill(_ draft: inout StringDraft) {
        var span = draft.bytes
        for index in 1..<span.byteCount { span[index] = 8 }
    }
}
