/// The syntax of a configuration line: words parted by blanks, where `"..."` and `'...'` keep blanks together.
///
/// Within double quotes `\n \r \t \b \a`, `\xNN` (two hexadecimal digits) and a backslash before any other character
/// are understood; within single quotes only `\'`. A closing quote must end the word. This is Redis' `sdssplitargs`.
enum ConfigurationLine {
    /// The words of a line; `nil` if a quote is not closed, or is closed in the middle of a word.
    static func words(of line: some Collection<UInt8>) -> [ConfigurationWord]? {
        var reader = WordReader(line)
        var words: [ConfigurationWord] = []
        while reader.skipBlanks() {
            guard let word = reader.readWord() else { return nil }
            words.append(ConfigurationWord(word))
        }
        return words
    }

    /// The bytes in double quotes, so that `words(of:)` gives them back as one word. This is Redis' `sdscatrepr`.
    static func quoted(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "\"")]
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): text += [UInt8(ascii: "\\"), byte]
            case 0x20...0x7E: text.append(byte)
            case UInt8(ascii: "\n"): text += Array(#"\n"#.utf8)
            case UInt8(ascii: "\r"): text += Array(#"\r"#.utf8)
            case UInt8(ascii: "\t"): text += Array(#"\t"#.utf8)
            case 0x07: text += Array(#"\a"#.utf8)
            case 0x08: text += Array(#"\b"#.utf8)
            default: text += Array((byte < 0x10 ? #"\x0"# : #"\x"#).utf8) + Array(String(byte, radix: 16).utf8)
            }
        }
        text.append(UInt8(ascii: "\""))
        return text
    }
}

/// Walks through one line.
private struct WordReader {
    private let line: [UInt8]
    private var next = 0

    init(_ line: some Collection<UInt8>) {
        self.line = Array(line)
    }

    /// The byte that many places ahead; `nil` past the end.
    private func peek(_ distance: Int = 0) -> UInt8? {
        next + distance < line.count ? line[next + distance] : nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }

    /// Goes to the next word; false if there is none.
    mutating func skipBlanks() -> Bool {
        while let byte = peek(), Self.isBlank(byte) { next += 1 }
        return next < line.count
    }

    /// The word that begins here; `nil` if its quotes are not balanced. A quote may open within a word.
    mutating func readWord() -> [UInt8]? {
        var word: [UInt8] = []
        while let byte = peek(), !Self.isBlank(byte) {
            next += 1
            switch byte {
            case UInt8(ascii: "\""): return readQuoted(after: word, until: byte, escapes: true)
            case UInt8(ascii: "'"): return readQuoted(after: word, until: byte, escapes: false)
            default: word.append(byte)
            }
        }
        return word
    }

    private mutating func readQuoted(after start: [UInt8], until quote: UInt8, escapes: Bool) -> [UInt8]? {
        var word = start
        while let byte = peek() {
            next += 1
            if byte == quote {
                let ending = peek()
                return ending.map(Self.isBlank) ?? true ? word : nil
            }
            if byte == UInt8(ascii: "\\"), let escaped = peek(), escapes || escaped == quote {
                word.append(readEscape(escaped))
            } else {
                word.append(byte)
            }
        }
        return nil
    }

    /// What a backslash and `escaped` stand for.
    private mutating func readEscape(_ escaped: UInt8) -> UInt8 {
        next += 1
        switch escaped {
        case UInt8(ascii: "x"):
            guard let high = peek().flatMap(Self.hexadecimal), let low = peek(1).flatMap(Self.hexadecimal) else {
                return escaped
            }
            next += 2
            return high << 4 | low
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "b"): return 0x08
        default: return escaped
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init)
    }
}
