import Memory
import Testing

@testable import RESP
import TestSupport

struct QuotedLineTests {
    /// The words of a line, or nothing when its quotes are not balanced.
    private func words(_ line: String) -> [[UInt8]]? {
        let bytes = [UInt8](line)
        var splitter = QuotedLine(bytes.raw)
        var words: [[UInt8]] = []
        while true {
            var word = ByteBuffer()
            switch splitter.next(into: &word) {
            case .word: words.append(word.bytes.array)
            case .end: return words
            case .unbalanced: return nil
            }
        }
    }

    private func texts(_ words: String...) -> [[UInt8]] { words.map { [UInt8]($0) } }

    @Test func plainWords() {
        #expect(words("") == [])
        #expect(words(" \t\r\n") == [])
        #expect(words("a") == texts("a"))
        #expect(words("  save 900\t1 ") == texts("save", "900", "1"))
    }

    @Test func doubleQuotes() {
        #expect(words(#""a b" c"#) == texts("a b", "c"))
        #expect(words(#""\n\r\t\b\a\\\"\q""#) == texts("\n\r\t\u{8}\u{7}\\\"q"))
        #expect(words(#""\x00\xfF\x4g""#) == [[0, 0xff] + [UInt8]("x4g")])
        #expect(words(#""it's""#) == texts("it's"))
        #expect(words(#""""#) == texts(""))
    }

    @Test func singleQuotes() {
        #expect(words(#"'a b' 'c"d' '\n' 'it\'s' ''"#) == texts("a b", "c\"d", "\\n", "it's", ""))
    }

    @Test func quotesWithinAWord() {
        #expect(words(#"foo"bar" x"#) == texts("foobar", "x"))
        #expect(words(#"k='v w'"#) == texts("k=v w"))
    }

    @Test(arguments: [#"""#, #"'"#, #""a"#, #"'a"#, #""a"b"#, #"'a'b"#, #""a"'b'"#, #""a\""#, #"'a\'"#, #""\"#])
    func unbalanced(_ line: String) { #expect(words(line) == nil) }

    @Test func aNulEndsTheLine() {
        #expect(words("a\0b") == texts("a"))
        #expect(words("\0a") == [])
        #expect(words("\"a\"\0b") == texts("a"))
    }
}
