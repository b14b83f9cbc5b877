internal import Glibc

#if arch(x86_64) || arch(i386)
    /// The number that INCRBYFLOAT counts with: C's `long double`, 64 bits of precision on x86.
    ///
    /// Elsewhere Swift has no type for C's `long double`; there it is a `Double` of 53 bits, and sums differ from
    /// Redis'
    /// from the sixteenth digit on.
    public typealias LongDouble = Float80
#else
    public typealias LongDouble = Double
#endif

/// Text to and from `LongDouble`, as Redis does it: by C's `strtold` and `printf`.
extension LongDouble {
    /// The number that all of `bytes` spell for `strtold`: decimal or hexadecimal, infinities, no blank in front;
    /// nothing
    /// spells zero. `nil` for anything else, for NaN, for what is too large or too small to be told from zero, and for
    /// text
    /// that is longer than any number is printed.
    public init?(cNumber bytes: RawSpan) {
        guard bytes.byteCount < Self.longestText, bytes.byteCount == 0 || !bytes[0].isSpace else { return nil }
        var text = ByteBuffer()
        text.reserveExactly(bytes.byteCount + 1)
        text.append(bytes)
        text.append(0)
        let (value, length) = Self.parse(text.bytes)
        guard length == bytes.byteCount, let value, !value.isNaN else { return nil }
        self = value
    }

    /// Decimal notation with up to 17 digits behind the point and without zeros at the end, as INCRBYFLOAT answers.
    public var decimalText: ByteBuffer {
        var text = ByteBuffer()
        let room = Self.longestText
        let number: any CVarArg = self
        let length = unsafe text.append(upTo: room) { target in
            let target = unsafe target.bindMemory(to: CChar.self)
            return unsafe withVaList([number]) { arguments in
                unsafe Int(vsnprintf(target.baseAddress, room, Self.format, arguments))
            }
        }
        guard text.bytes.firstIndex(of: UInt8(ascii: ".")) != nil else { return text }
        var end = length
        while text.bytes[end - 1] == UInt8(ascii: "0") { end -= 1 }
        if text.bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
        text.count = end
        return text
    }

    /// Bytes for any number in decimal notation: the largest has 4933 digits before the point, 17 follow it.
    private static var longestText: Int { 5 * 1024 }

    /// The number at the front of bytes that end with a zero, `nil` out of range, and how many bytes it takes.
    private static func parse(_ text: RawSpan) -> (LongDouble?, length: Int) {
        unsafe text.withUnsafeBytes { text in
            guard let start = unsafe text.bindMemory(to: CChar.self).baseAddress else { return (nil, 0) }
            var end: UnsafeMutablePointer<CChar>?
            errno = 0
            #if arch(x86_64) || arch(i386)
                let value = unsafe strtold(start, &end)
            #else
                let value = unsafe strtod(start, &end)
            #endif
            let length = unsafe end.map { unsafe UnsafePointer($0) - start } ?? 0
            return (errno == ERANGE ? nil : value, length)
        }
    }

    #if arch(x86_64) || arch(i386)
        private static var format: String { "%.17Lf" }
    #else
        private static var format: String { "%.17f" }
    #endif
}
