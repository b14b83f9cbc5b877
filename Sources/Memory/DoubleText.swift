internal import Glibc

/// Text to and from `Double`, as Redis' sorted sets have it: by C's `strtod` and `printf`.
extension Double {
    /// The score that `text` spells: decimal or hexadecimal, infinities included, no blank in front; nothing spells
    /// zero. What is behind a NUL byte does not count. `nil` for anything else, for NaN, and for numbers that are too
    /// large or too small to be told from zero (`getDoubleFromObject`).
    @inlinable
    public init?(score text: RawSpan) {
        // Most scores are whole numbers; up to 2^63 the conversion rounds as `strtod` does.
        if let number = Int64(canonical: text) {
            self = Double(number)
        } else if let decimal = Double(shortDecimal: text) {
            self = decimal
        } else {
            guard let value = Self.parse(text, isStrict: true) else { return nil }
            self = value
        }
    }

    /// The end of a range of scores that `text` spells: as a score, and blanks may stand in front, numbers that are too
    /// large are infinite, and those that are too small are zero (`zslParseRange`).
    public init?(scoreBound text: RawSpan) {
        guard let value = Self.parse(text, isStrict: false) else { return nil }
        self = value
    }

    /// Lets `body` see the number with up to 17 significant digits (`%.17g`), from which ``init(score:)`` reads the
    /// same number again. Allocates nothing.
    @inlinable
    public func withScoreText<Result: ~Copyable>(_ body: (RawSpan) -> Result) -> Result {
        // Whole numbers of up to 17 digits are printed as such; the negative zero is not one of them.
        if magnitude < 1e17, rounded(.towardZero) == self, self != 0 || sign == .plus {
            var digits: [20 of UInt8] = .init(repeating: 0)
            let start = Int64(self).writeDecimal(into: &digits)
            // Bytes have no padding that could be seen.
            return unsafe body(digits.span.bytes.extracting(start..<20))
        }
        var text: [32 of UInt8] = .init(repeating: 0)
        let length = write(into: &text)
        return unsafe body(text.span.bytes.extracting(0..<length))
    }

    /// Decimal notation with so many digits behind the point (`%.4f` for four).
    public func decimalText(digits: Int) -> ByteBuffer {
        var text = ByteBuffer()
        // The largest number has 309 digits before the point; a sign, the point and the final zero byte are three more.
        let room = 312 + digits
        let (digits, number): (any CVarArg, any CVarArg) = (Int32(digits), self)
        _ = unsafe text.append(upTo: room) { target in
            let target = unsafe target.bindMemory(to: CChar.self)
            return unsafe withVaList([digits, number]) { arguments in
                unsafe Int(vsnprintf(target.baseAddress, room, "%.*f", arguments))
            }
        }
        return text
    }

    /// Prints the number and answers the length: at most 24 bytes.
    @usableFromInline
    func write(into text: inout [32 of UInt8]) -> Int {
        var span = text.mutableSpan
        return unsafe span.withUnsafeMutableBytes { text in
            // An inline array is never empty. The function is `sprintf` with `%.*g`, without its variable arguments.
            let start = unsafe text.baseAddress!.assumingMemoryBound(to: CChar.self)
            return unsafe Int(strlen(gcvt(self, 17, start)))
        }
    }

    @usableFromInline
    static func parse(_ text: RawSpan, isStrict: Bool) -> Double? {
        if isStrict, text.byteCount > 0, text[0].isSpace { return nil }
        let expected = text.firstIndex(of: 0) ?? text.byteCount
        let (value, length, isOutOfRange) = unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: expected + 1
        ) { copy in
            for index in 0..<expected { unsafe copy[index] = CChar(bitPattern: text[index]) }
            unsafe copy[expected] = 0
            // There is room for the NUL at least.
            let start = copy.baseAddress!
            var end: UnsafeMutablePointer<CChar>?
            errno = 0
            let value = unsafe strtod(start, &end)
            return unsafe (value, (end ?? start) - start, errno == ERANGE)
        }
        guard length == expected, !value.isNaN else { return nil }
        if isStrict, isOutOfRange, value.isInfinite || value == 0 { return nil }
        return value
    }
}
