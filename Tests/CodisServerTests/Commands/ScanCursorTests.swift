import Testing

@testable import CodisServer

struct ScanCursorTests {
    /// As `strtoul` reads them for Redis, recorded from Redis 2.8 and codis-server 3.2.
    @Test(
        arguments: [
            ("0", 0), ("", 0), ("-0", 0), ("+1", 1), ("01", 1), ("1\0", 1), ("1\0abc", 1), ("\0", 0),
            ("18446744073709551615", UInt64.max), ("-1", .max), ("-18446744073709551615", 1),
            ("-9223372036854775809", 9_223_372_036_854_775_807),
        ] as [(String, UInt64)])
    func readsWhatRedisReads(text: String, expected: UInt64) throws {
        #expect(try cursor(text) == expected)
    }

    @Test(arguments: [
        " ", " 1", "1 ", "1\n", "\t1", "0x10", "1.0", "1e2", "--1", "+", "-", "abc", "1a\0", "18446744073709551616",
    ])
    func refusesTheRest(text: String) {
        #expect(throws: CommandError.invalidCursor) { try cursor(text) }
    }

    @Test func goesFromZeroToZeroOverEverySlot() {
        var cursor = ScanCursor(encoded: 0)
        var encoded: UInt64 = 0
        for slot in 0..<1024 {
            #expect(cursor.slot == slot && cursor.inSlot == 0)
            // Two steps in each slot, the first to the largest cursor that a dictionary has.
            for next in [UInt64(UInt32.max), 0] {
                #expect(!cursor.isAtEnd)
                cursor.advance(next)
                encoded = cursor.encoded
                #expect((encoded == 0) == cursor.isAtEnd)
                if encoded != 0 { cursor = ScanCursor(encoded: encoded) }
            }
        }
        #expect(encoded == 0)
    }

    private func cursor(_ text: String) throws -> UInt64 {
        let bytes = Array(text.utf8)
        return try unsafe bytes.span.bytes.cursor()
    }
}
