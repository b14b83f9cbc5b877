/// One word of a configuration line, or the value given to `CONFIG SET`: bytes, and the ways to understand them.
struct ConfigurationWord: Equatable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// The bytes as text; `nil` if they are no UTF-8 or hold a NUL, which no path and no address may.
    var text: String? {
        bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// The bytes with capital ASCII letters made small ones, for names that may be written either way.
    var lowercased: [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    /// The word for comparison with keywords, which are ASCII text in small letters.
    var keyword: String {
        String(decoding: lowercased, as: UTF8.self)
    }

    /// The number, if the whole word is one.
    var integer: Int? {
        text.flatMap { Int($0) }
    }

    /// The file mode written in octal digits, such as `700`.
    var octal: Int? {
        text.flatMap { Int($0, radix: 8) }
    }

    /// Bytes, with an optional unit: `100`, `100b`, `1k` (1000), `1kb` (1024) and so on to `g`; `nil` if it is not one
    /// or does not fit.
    var memorySize: Int? {
        let text = keyword
        let digits = text.prefix { $0 == "-" || $0 == "+" || $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let unit = Self.units[String(text.dropFirst(digits.count))] else { return nil }
        let (size, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : size
    }

    private static let units = [
        "": 1, "b": 1,
        "k": 1000, "m": 1_000_000, "g": 1_000_000_000,
        "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30,
    ]
}
