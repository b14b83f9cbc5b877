extension Double {
    /// The number that `text` spells as an optional minus, digits, a point and digits, up to 15 of them in all. `nil` for
    /// any other text.
    ///
    /// So many digits and so small a power of ten are exact as `Double`s, and one division rounds once: the result is
    /// that of `strtod`, in a tenth of its time (Clinger, "How to read floating point numbers accurately", 1990).
    @usableFromInline
    init?(shortDecimal text: RawSpan) {
        guard text.byteCount <= 17 else { return nil }
        var index = 0
        let isNegative = text.byteCount > 0 && text[0] == UInt8(ascii: "-")
        if isNegative { index = 1 }
        var mantissa = 0
        var digits = 0
        var power: Double = 1
        var hasPoint = false
        while index < text.byteCount {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "."), !hasPoint, digits > 0 {
                hasPoint = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10, digits < 15 else { return nil }
            mantissa = 10 * mantissa + Int(digit)
            digits += 1
            if hasPoint { power *= 10 }
        }
        guard hasPoint, power > 1 else { return nil }
        let magnitude = Double(mantissa) / power
        self = isNegative ? -magnitude : magnitude
    }
}
