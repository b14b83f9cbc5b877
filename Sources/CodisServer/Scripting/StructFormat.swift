import Memory

/// Goes through the options of a format of `struct`.
struct StructFormat: ~Escapable {
    struct Option {
        enum Kind {
            case integer(isSigned: Bool), float, double, padding, characters, zeroEnded
            /// Something about the options that follow.
            case control
        }

        let kind: Kind
        /// In bytes; 0 for a string whose size is not part of the format.
        let size: Int
        let name: UInt8
    }

    /// The largest integer, in bytes. Those over 8 have zeros where no digit is left.
    private static let largestInteger = 32

    private let text: RawSpan
    private var place = 0
    private(set) var isBigEndian = false
    private var alignment = 1

    @_lifetime(copy text)
    init(_ text: RawSpan) {
        // As C reads it.
        self.text = text.extracting(0..<(text.firstIndex(of: 0) ?? text.byteCount))
    }

    /// The next option, its control carried out; `nil` at the end. Without `strict`, unknown letters are nothing.
    mutating func next(strict: Bool = true) throws(StructFormatError) -> Option? {
        guard place < text.byteCount else { return nil }
        let name = text[place]
        place += 1
        switch name {
        case UInt8(ascii: "b"), UInt8(ascii: "B"): return integer(1, name)
        case UInt8(ascii: "h"), UInt8(ascii: "H"): return integer(2, name)
        case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "T"): return integer(8, name)
        case UInt8(ascii: "i"), UInt8(ascii: "I"):
            let size = try number() ?? 4
            guard size <= Self.largestInteger else { throw .integerTooLarge(size) }
            return integer(size, name)
        case UInt8(ascii: "f"): return Option(kind: .float, size: 4, name: name)
        case UInt8(ascii: "d"): return Option(kind: .double, size: 8, name: name)
        case UInt8(ascii: "x"): return Option(kind: .padding, size: 1, name: name)
        case UInt8(ascii: "c"): return Option(kind: .characters, size: try number() ?? 1, name: name)
        case UInt8(ascii: "s"): return Option(kind: .zeroEnded, size: 0, name: name)
        case UInt8(ascii: " "): break
        case UInt8(ascii: "<"): isBigEndian = false
        case UInt8(ascii: ">"): isBigEndian = true
        case UInt8(ascii: "!"):
            let largest = try number() ?? 8
            guard largest > 0, largest & (largest - 1) == 0 else { throw .alignment(largest) }
            alignment = largest
        default:
            let isLetterOrDigit = name.lowercased &- 97 < 26 || name &- 48 < 10
            if strict || !isLetterOrDigit { throw .unknownOption(name) }
        }
        return Option(kind: .control, size: 0, name: name)
    }

    /// Bytes between `offset` and the place of the option that came last.
    func padding(before option: Option, at offset: Int) -> Int {
        if case .characters = option.kind { return 0 }
        guard option.size > 0 else { return 0 }
        let size = min(option.size, alignment)
        // Sizes that are no powers of two give what they give in C.
        return (size - (offset & (size - 1))) & (size - 1)
    }

    private func integer(_ size: Int, _ name: UInt8) -> Option {
        let isSigned = name == name.lowercased
        return Option(kind: .integer(isSigned: isSigned), size: size, name: name)
    }

    /// The digits that follow, if any.
    private mutating func number() throws(StructFormatError) -> Int? {
        guard place < text.byteCount, text[place] &- 48 < 10 else { return nil }
        var number = 0
        while place < text.byteCount, text[place] &- 48 < 10 {
            number = number * 10 + Int(text[place] - 48)
            guard number <= Int32.max else { throw .sizeOverflow }
            place += 1
        }
        return number
    }
}

enum StructFormatError: Error {
    case unknownOption(UInt8)
    case integerTooLarge(Int)
    case sizeOverflow
    case alignment(Int)
    case dataTooShort
    case noPreviousSize
    case unfinishedString
    case tooManyResults

    /// What Lua raises for it.
    func raise(_ stack: LuaStack) -> LuaFunctionResult {
        switch self {
        case .unknownOption(let name):
            let text: [UInt8] = Array("invalid format option '".utf8) + [name] + Array("'".utf8)
            return .badArgument(1, text, stack)
        case .integerTooLarge(let size):
            return .raise("integral size \(size) is larger than limit of 32", stack)
        case .sizeOverflow: return .raise("integral size overflow", stack)
        case .alignment(let size): return .raise("alignment \(size) is not a power of 2", stack)
        case .dataTooShort: return .badArgument(2, "data string too short", stack)
        case .noPreviousSize: return .raise("format `c0' needs a previous size", stack)
        case .unfinishedString: return .raise("unfinished string in data", stack)
        case .tooManyResults: return .raise("stack overflow (too many results)", stack)
        }
    }
}
