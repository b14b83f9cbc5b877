import Testing

@testable import CodisServer

struct ConfigurationLineTests {
    private func words(_ line: String) -> [String]? {
        ConfigurationLine.words(of: Array(line.utf8))?.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test(arguments: [
        ("", []),
        (" \t\r\u{0B}", []),
        ("port 6379", ["port", "6379"]),
        ("  save\t900   1 ", ["save", "900", "1"]),
        (#"save """#, ["save", ""]),
        (#"a "b c" 'd e'"#, ["a", "b c", "d e"]),
        (#""\n\r\t\b\a""#, ["\n\r\t\u{8}\u{7}"]),
        (#""\x41\x7a\"\\\q""#, [#"Az"\q"#]),
        (#""\xZZ\x4""#, ["xZZx4"]),
        (#"'it\'s' '\n'"#, ["it's", #"\n"#]),
        (#"ab"c d""#, ["abc d"]),
        (##"x # y"##, ["x", "#", "y"]),
    ])
    func splits(line: String, expected: [String]) {
        #expect(words(line) == expected)
    }

    @Test(arguments: [#"a "b"#, "a 'b", #""a"b"#, "'a'b", #""a\"#, #"a'"#])
    func refusesUnbalancedQuotes(line: String) {
        #expect(words(line) == nil)
    }

    @Test func anyBytesComeBackFromQuotes() {
        for first in UInt8.min...UInt8.max {
            for second: UInt8 in [0, 0x0A, 0x20, 0x22, 0x27, 0x41, 0x5C, 0x78, 0xFF] {
                let bytes = [first, second]
                #expect(ConfigurationLine.words(of: ConfigurationLine.quoted(bytes)) == [ConfigurationWord(bytes)])
            }
        }
    }

    @Test(arguments: [
        ("0", 0), ("100", 100), ("+5", 5), ("-1", -1), ("7b", 7), ("1k", 1000), ("1KB", 1024), ("2m", 2_000_000),
        ("2Mb", 2 << 20), ("3g", 3_000_000_000), ("3gb", 3 << 30), ("9223372036854775807", Int.max),
    ])
    func understandsSizes(text: String, size: Int) {
        #expect(ConfigurationWord(text.utf8).memorySize == size)
    }

    @Test(arguments: [
        "", "k", "-", "1.5gb", "1 gb", "1tb", "1kbb", "0x10", "9223372036854775808", "9007199254740992kb",
    ])
    func refusesOtherSizes(text: String) {
        #expect(ConfigurationWord(text.utf8).memorySize == nil)
    }
}
