/// Decimal numbers from bytes, as strictly as Redis reads them.
extension Int64 {
    /// The number that `bytes` spell in canonical form: an optional minus, no leading zeros, no plus, no blanks,
    /// nothing
    /// else (Redis' `string2ll`). `nil` where it is anything else or does not fit.
    @inlinable
    public init?(canonical bytes: RawSpan) {
        let length = bytes.byteCount
        guard length > 0, length <= 20 else { return nil }
        var index = 0
        var negative = false
        if bytes[0] == 45 {
            negative = true
            index = 1
            if length == 1 { return nil }
        }
        let first = bytes[index]
        if first == 48 {
            guard length == 1 else { return nil }
            self = 0
            return
        }
        guard first >= 49, first <= 57 else { return nil }
        var magnitude: UInt64 = 0
        while index < length {
            let digit = bytes[index] &- 48
            guard digit <= 9 else { return nil }
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            if overflow || carry { return nil }
            magnitude = sum
            index += 1
        }
        if negative {
            guard magnitude <= 1 << 63 else { return nil }
            self = Int64(truncatingIfNeeded: 0 &- magnitude)
        } else {
            guard magnitude < 1 << 63 else { return nil }
            self = Int64(truncatingIfNeeded: magnitude)
        }
    }

    /// The decimal digits with their sign: at most 20 bytes, right-aligned in `digits`; `start` is where they begin.
    @inlinable
    public func writeDecimal(into digits: inout [20 of UInt8]) -> Int {
        var magnitude = self.magnitude
        var position = 20
        repeat {
            position -= 1
            let (quotient, digit) = magnitude.quotientAndRemainder(dividingBy: 10)
            digits[position] = UInt8(truncatingIfNeeded: digit) &+ 48
            magnitude = quotient
        } while magnitude > 0
        if self < 0 {
            position -= 1
            digits[position] = 45
        }
        return position
    }

    /// How many bytes the decimal form has, its sign included.
    @inlinable
    public var decimalWidth: Int {
        var width = self < 0 ? 2 : 1
        var rest = magnitude / 10
        while rest > 0 {
            width += 1
            rest /= 10
        }
        return width
    }
}
