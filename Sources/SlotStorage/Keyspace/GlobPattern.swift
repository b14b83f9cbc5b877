internal import Memory

/// A pattern with `*`, `?` and `[...]`, as KEYS, SCAN and CONFIG GET understand it.
///
/// The rules are those of `stringmatchlen` in Redis 2.8, to the byte:
///
/// - `*` stands for any bytes, also none; `?` for any byte; `\` takes the special meaning from the byte behind it, and
/// is
///   itself at the end of the pattern.
/// - `[` begins a class: single bytes, ranges such as `a-z` with their ends in any order, and escaped bytes. A `^` at
///   its start means any byte but these. A class that is never closed ends with the pattern. `]` right at the start
///   closes it, so `[]` matches nothing and `[^]` any byte; as the end of a range it does not close it.
/// - Ranges compare bytes as signed numbers, since Redis' `char` is signed: `[a-\xff]` goes from `\xff` to `a`.
/// - Where case is ignored, only that of ASCII letters is, and escaped bytes of a class keep theirs.
///
/// Redis tries every length of every `*`, which takes time exponential in their number. Here only the last `*` that was
/// passed is ever tried again: everything else in a pattern stands for exactly one byte, so if the part between two
/// `*` fits somewhere, its first place is as good as any later one. The answers are the same, in O(pattern × text) at
/// worst.
///
/// Three things are left out. 2.8 looks at the byte behind an empty text, and so lets it match patterns such as
/// `[^a]*`,
/// or runs away from it. It looks behind the end of a class that ends with `\`. And where case is ignored, what it
/// makes
/// of ranges that end beyond ASCII depends on the C library.
public struct GlobPattern: ~Escapable {
    private let pattern: RawSpan
    private let ignoresCase: Bool

    @_lifetime(copy pattern)
    public init(_ pattern: RawSpan, ignoringCase ignoresCase: Bool = false) {
        self.pattern = pattern
        self.ignoresCase = ignoresCase
    }

    /// Whether the whole of `text` is what the pattern describes.
    public func matches(_ text: RawSpan) -> Bool {
        var position = 0
        var index = 0
        // Behind the last `*`, and where in the text what follows it is being tried.
        var retryPosition: Int?
        var retryIndex = 0
        while index < text.byteCount {
            if position < pattern.byteCount {
                if pattern[position] == UInt8(ascii: "*") {
                    position = endOfStars(at: position)
                    if position == pattern.byteCount { return true }
                    retryPosition = position
                    retryIndex = index
                    continue
                }
                if let next = endOfElement(at: position, accepting: text[index]) {
                    position = next
                    index += 1
                    continue
                }
            }
            guard let retry = retryPosition else { return false }
            position = retry
            retryIndex += 1
            index = retryIndex
        }
        return endOfStars(at: position) == pattern.byteCount
    }

    private func endOfStars(at start: Int) -> Int {
        var position = start
        while position < pattern.byteCount, pattern[position] == UInt8(ascii: "*") { position += 1 }
        return position
    }

    /// Where the next element begins, if the one at `position`, which is no `*`, accepts `byte`.
    private func endOfElement(at position: Int, accepting byte: UInt8) -> Int? {
        switch pattern[position] {
        case UInt8(ascii: "?"):
            return position + 1
        case UInt8(ascii: "["):
            return endOfClass(at: position + 1, accepting: byte)
        case UInt8(ascii: "\\") where position + 1 < pattern.byteCount:
            return isSame(pattern[position + 1], byte) ? position + 2 : nil
        case let literal:
            return isSame(literal, byte) ? position + 1 : nil
        }
    }

    /// As ``endOfElement(at:accepting:)`` for the class whose `[` is before `start`.
    private func endOfClass(at start: Int, accepting byte: UInt8) -> Int? {
        let end = pattern.byteCount
        var position = start
        let isNegated = position < end && pattern[position] == UInt8(ascii: "^")
        if isNegated { position += 1 }
        var isMember = false
        while position < end, pattern[position] != UInt8(ascii: "]") {
            let left = end - position
            if pattern[position] == UInt8(ascii: "\\"), left >= 2 {
                if pattern[position + 1] == byte { isMember = true }
                position += 2
            } else if left >= 3, pattern[position + 1] == UInt8(ascii: "-") {
                if isBetween(pattern[position], pattern[position + 2], byte) { isMember = true }
                position += 3
            } else {
                if isSame(pattern[position], byte) { isMember = true }
                position += 1
            }
        }
        return isMember != isNegated ? min(position + 1, end) : nil
    }

    private func isSame(_ expected: UInt8, _ byte: UInt8) -> Bool {
        expected == byte || ignoresCase && expected.lowercased == byte.lowercased
    }

    private func isBetween(_ first: UInt8, _ last: UInt8, _ byte: UInt8) -> Bool {
        // Redis puts the ends in order first and ignores their case afterwards.
        let ends = Int8(bitPattern: first) <= Int8(bitPattern: last) ? (first, last) : (last, first)
        let range = (signed(ends.0), signed(ends.1))
        return range.0 <= signed(byte) && signed(byte) <= range.1
    }

    private func signed(_ byte: UInt8) -> Int8 { Int8(bitPattern: ignoresCase ? byte.lowercased : byte) }
}
