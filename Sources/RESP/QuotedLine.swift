public import Memory

/// Splits a line into words as Redis does for inline requests and configuration files (`sdssplitargs`).
///
/// Words are separated by blanks. `"..."` knows `\n \r \t \b \a \xHH` and takes any other escaped byte as it is;
/// `'...'` knows `\'` alone. A closing quote must be followed by a blank or the end.
public struct QuotedLine: ~Escapable {
    public enum Outcome { case word, end, unbalanced }

    private let line: RawSpan
    private var index = 0

    @_lifetime(copy line)
    public init(_ line: RawSpan) { self.line = line }

    /// Appends the next word to `output`.
    public mutating func next(into output: inout ByteBuffer) -> Outcome {
        while index < line.byteCount, line[index].isSpace { index += 1 }
        // As for the C string that it was, a NUL ends the line.
        guard index < line.byteCount, line[index] != 0 else { return .end }
        while index < line.byteCount {
            let byte = line[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                index += 1
                let closed = byte == UInt8(ascii: "\"") ? doubleQuoted(into: &output) : singleQuoted(into: &output)
                guard closed, index == line.byteCount || line[index].isSpace || line[index] == 0 else {
                    return .unbalanced
                }
                return .word
            case 0, 32, 10, 13, 9:
                return .word
            default:
                output.append(byte)
                index += 1
            }
        }
        return .word
    }

    private mutating func doubleQuoted(into output: inout ByteBuffer) -> Bool {
        while index < line.byteCount {
            let byte = line[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                return true
            }
            guard byte == UInt8(ascii: "\\"), index + 1 < line.byteCount else {
                output.append(byte)
                index += 1
                continue
            }
            if let value = hexadecimalEscape() {
                output.append(value)
                index += 4
                continue
            }
            let escaped = line[index + 1]
            switch escaped {
            case UInt8(ascii: "n"): output.append(10)
            case UInt8(ascii: "r"): output.append(13)
            case UInt8(ascii: "t"): output.append(9)
            case UInt8(ascii: "b"): output.append(8)
            case UInt8(ascii: "a"): output.append(7)
            default: output.append(escaped)
            }
            index += 2
        }
        return false
    }

    private mutating func singleQuoted(into output: inout ByteBuffer) -> Bool {
        while index < line.byteCount {
            let byte = line[index]
            if byte == UInt8(ascii: "\\"), index + 1 < line.byteCount, line[index + 1] == UInt8(ascii: "'") {
                output.append(UInt8(ascii: "'"))
                index += 2
                continue
            }
            index += 1
            if byte == UInt8(ascii: "'") { return true }
            output.append(byte)
        }
        return false
    }

    /// The byte that `\xHH` at the current place stands for.
    private func hexadecimalEscape() -> UInt8? {
        guard index + 3 < line.byteCount, line[index + 1] == UInt8(ascii: "x"),
            let high = hexadecimalDigit(line[index + 2]), let low = hexadecimalDigit(line[index + 3])
        else { return nil }
        return high << 4 | low
    }

    private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
