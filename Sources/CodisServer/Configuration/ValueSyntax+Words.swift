// Values of one word.

extension ValueSyntax where Value == Bool {
    /// `yes` or `no`.
    static let flag = Self(
        read: { word throws(ValueError) in
            switch word.keyword {
            case "yes": return true
            case "no": return false
            default: throw .invalid("argument must be 'yes' or 'no'")
            }
        },
        print: { Array(($0 ? "yes" : "no").utf8) })
}

extension ValueSyntax where Value == Int {
    /// A decimal number within limits.
    static func integer(atLeast least: Int = .min, atMost most: Int = .max, else message: String) -> Self {
        Self(
            read: { word throws(ValueError) in
                guard let number = word.integer, least <= number, number <= most else { throw .invalid(message) }
                return number
            },
            print: { Array(String($0).utf8) })
    }

    /// A number of bytes or entries, with an optional unit (`64mb`); printed without one.
    static func size(atLeast least: Int = 0, else message: String = "argument must be a memory value") -> Self {
        Self(
            read: { word throws(ValueError) in
                guard let size = word.memorySize, least <= size else { throw .invalid(message) }
                return size
            },
            print: { Array(String($0).utf8) })
    }

    /// The same syntax, rewritten in the largest unit that gives a whole number.
    var inBytes: Self { rewritten(.lines { [Self.sizeText($0)] }) }

    /// `64mb`, `1kb`, `1000`
    static func sizeText(_ size: Int) -> [UInt8] {
        let units = [("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10)]
        guard size != 0, let (name, unit) = units.first(where: { size.isMultiple(of: $0.1) }) else {
            return Array(String(size).utf8)
        }
        return Array("\(size / unit)\(name)".utf8)
    }

    /// A file mode in octal digits.
    static let fileMode = Self(
        read: { word throws(ValueError) in
            guard let mode = word.octal, (0...0o777).contains(mode) else {
                throw .invalid("Invalid socket file permissions")
            }
            return mode
        },
        print: { Array(String($0, radix: 8).utf8) })
}

extension ValueSyntax where Value: RawRepresentable<String> & CaseIterable {
    /// One word of those the type knows, in any case of letters.
    static func choice(else message: String) -> Self {
        Self(
            read: { word throws(ValueError) in
                guard let value = Value(rawValue: word.keyword) else { throw .invalid(message) }
                return value
            },
            print: { Array($0.rawValue.utf8) })
    }
}

extension ValueSyntax where Value == String {
    /// Any text: a path, a name.
    static let text = Self(
        read: { word throws(ValueError) in
            guard let text = word.text else { throw .invalid("argument must be UTF-8 text without NUL bytes") }
            return text
        },
        print: { Array($0.utf8) }
    ).quoted

    /// The name of a file within `dir`, not a path.
    static func fileName(of directive: String) -> Self {
        Self(
            read: { word throws(ValueError) in
                guard let name = word.text else { throw .invalid("argument must be UTF-8 text without NUL bytes") }
                guard !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) else {
                    throw .refused("\(directive) can't be a path, just a filename")
                }
                return name
            },
            print: { Array($0.utf8) }
        ).quoted
    }
}

extension ValueSyntax where Value == [UInt8] {
    /// Any bytes up to a length; none at all means that there is no password.
    static func password(atMost longest: Int = .max) -> Self {
        Self(
            read: { word throws(ValueError) in
                guard word.bytes.count <= longest else {
                    throw .invalid("Password is longer than REDIS_AUTHPASS_MAX_LEN")
                }
                return word.bytes
            },
            print: { $0 }
        ).rewritten(.lines { $0.isEmpty ? [] : [ConfigurationLine.quoted($0)] })
    }
}

extension ValueSyntax where Value == KeyspaceEventClasses {
    /// Letters, one for each class of events and each kind of channel.
    static let keyspaceEvents = Self(
        read: { word throws(ValueError) in
            guard let classes = word.text.flatMap(KeyspaceEventClasses.init(letters:)) else {
                throw .invalid("Invalid event class character. Use 'g$lshzxeA'.")
            }
            return classes
        },
        print: { Array($0.letters.utf8) }
    ).quoted
}
