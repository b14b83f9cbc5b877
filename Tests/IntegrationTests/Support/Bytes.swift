import Foundation

/// Protocol data is bytes, not text: keys and values may hold anything.
typealias Bytes = [UInt8]

extension Bytes {
    /// The UTF-8 bytes of a text, for the many that are plain ASCII.
    init(text: String) {
        self = Array(text.utf8)
    }

    /// The bytes as they are shown in messages: printable ASCII as it is, the rest as `\xNN`, long ones cut.
    func shown(limit: Int = 120) -> String {
        var out = "\""
        for byte in prefix(limit) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += "\\" + String(UnicodeScalar(byte))
            case UInt8(ascii: "\r"): out += "\\r"
            case UInt8(ascii: "\n"): out += "\\n"
            case 32..<127: out += String(UnicodeScalar(byte))
            default: out += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return count > limit ? out + "\"...(\(count) bytes)" : out + "\""
    }

    /// The bytes as text, each byte one character.
    var latin1: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: lazy.map { UnicodeScalar($0) })
        return String(text)
    }

    /// Whether these bytes come before `other` when compared byte by byte.
    func precedes(_ other: Bytes) -> Bool {
        lexicographicallyPrecedes(other)
    }
}

/// What may stand as an argument of a command in a test.
protocol CommandArgument {
    var argumentBytes: Bytes { get }
}

extension String: CommandArgument {
    var argumentBytes: Bytes { Bytes(text: self) }
}

extension Int: CommandArgument {
    var argumentBytes: Bytes { Bytes(text: String(self)) }
}

extension Array: CommandArgument where Element == UInt8 {
    var argumentBytes: Bytes { self }
}

/// A command as an array of bulk strings, the form in which clients send it.
func encodeCommand(_ arguments: [Bytes]) -> Bytes {
    var out = Bytes(text: "*\(arguments.count)\r\n")
    for argument in arguments {
        out += Bytes(text: "$\(argument.count)\r\n")
        out += argument
        out += [13, 10]
    }
    return out
}

/// A command as an array of bulk strings, from texts, numbers and bytes.
func command(_ arguments: any CommandArgument...) -> Bytes {
    encodeCommand(arguments.map(\.argumentBytes))
}
