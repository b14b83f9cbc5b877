import Memory

/// What a script is known by: the SHA-1 of its text.
struct ScriptDigest: Hashable {
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    init(of text: RawSpan, _ hash: borrowing SHA1) {
        let digest = hash.digest(of: text)
        high = digest.bytes.word(at: 0)?.bigEndian ?? 0
        middle = digest.bytes.word(at: 8)?.bigEndian ?? 0
        low = UInt32(truncatingIfNeeded: digest.bytes.word(at: 12)?.bigEndian ?? 0)
    }

    /// The digest that 40 hexadecimal digits spell, in any case of letters; `nil` for anything else.
    init?(hexadecimal text: RawSpan) {
        guard text.byteCount == 40, let high = Self.number(text.extracting(0..<16)),
            let middle = Self.number(text.extracting(16..<32)), let low = Self.number(text.extracting(32..<40))
        else { return nil }
        self.high = high
        self.middle = middle
        self.low = UInt32(low)
    }

    /// 40 hexadecimal digits in lower case.
    var hexadecimal: [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(40)
        Self.append(high, width: 16, to: &digits)
        Self.append(middle, width: 16, to: &digits)
        Self.append(UInt64(low), width: 8, to: &digits)
        return digits
    }

    private static func number(_ digits: RawSpan) -> UInt64? {
        var number: UInt64 = 0
        for index in 0..<digits.byteCount {
            switch digits[index].lowercased {
            case let digit where digit &- 48 < 10: number = number << 4 | UInt64(digit - 48)
            case let letter where letter &- 97 < 6: number = number << 4 | UInt64(letter - 87)
            default: return nil
            }
        }
        return number
    }

    private static func append(_ number: UInt64, width: Int, to digits: inout [UInt8]) {
        for position in (0..<width).reversed() {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(4 * position)) & 15
            digits.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
