import Memory

/// Finds text by Lua's patterns (Lua 5.1 Reference Manual, 5.4.1), and gives up when the script is to end.
///
/// Lua's own matcher cannot be stopped, though some patterns need more time than anybody has, and others more stack
/// than there is.
struct LuaPattern: ~Copyable, ~Escapable {
    /// A part of the text, or a place in it.
    struct Capture {
        let start: Int
        var extent: Extent

        enum Extent {
            case open
            case length(Int)
            case place
        }
    }

    static let mostCaptures = 32
    /// Choices of a pattern that may be pending at a time.
    private static let deepest = 2000
    /// Steps between two questions whether the script is to end.
    private static let stepsAtOnce = 100_000

    let text: RawSpan
    private let pattern: RawSpan
    /// Where the pattern begins, behind the `^` that binds it to the start.
    private let start: Int
    let isAnchored: Bool
    private let stack: LuaStack
    /// An array takes no memory until there is a capture, and does not grow the frames of this recursion.
    private var captures: [Capture] = []
    private var depth = 0
    private var stepsLeft = LuaPattern.stepsAtOnce

    @_lifetime(copy text, copy pattern)
    init(_ pattern: RawSpan, in text: RawSpan, _ stack: LuaStack, isAnchorable: Bool = true) {
        self.text = text
        // A NUL ends it; `%z` stands for one.
        self.pattern = pattern.extracting(0..<(pattern.firstIndex(of: 0) ?? pattern.byteCount))
        isAnchored = isAnchorable && pattern.byteCount > 0 && pattern[0] == UInt8(ascii: "^")
        start = isAnchored ? 1 : 0
        self.stack = stack
    }

    /// Where a match that begins at `place` ends; `nil` where there is none.
    mutating func match(at place: Int) throws(LuaPatternError) -> Int? {
        captures.removeAll(keepingCapacity: true)
        return try match(place, start)
    }

    /// The first match at or behind `place`.
    mutating func firstMatch(from place: Int) throws(LuaPatternError) -> Range<Int>? {
        var place = place
        while place <= text.byteCount {
            if let end = try match(at: place) { return place..<end }
            if isAnchored { return nil }
            place += 1
        }
        return nil
    }

    /// Capture `number`; throws where there is none.
    func capture(_ number: Int) throws(LuaPatternError) -> Capture {
        guard number < captureCount else { throw .captureIndex }
        if case .open = captures[number].extent { throw .unfinishedCapture }
        return captures[number]
    }

    var captureCount: Int { captures.count }

    // MARK: Matching

    /// Matches what begins with the item at `item` against the text from `place` on.
    private mutating func match(_ place: Int, _ item: Int) throws(LuaPatternError) -> Int? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw .tooComplex }
        var (place, item) = (place, item)
        while item < pattern.byteCount {
            try countStep()
            let (first, second) = (byte(item), byte(item + 1))
            switch first {
            case UInt8(ascii: "("): return try matchOpening(place, item)
            case UInt8(ascii: ")"): return try matchClosing(place, item + 1)
            case UInt8(ascii: "$") where item + 1 == pattern.byteCount: return place == text.byteCount ? place : nil
            case UInt8(ascii: "%") where second == UInt8(ascii: "b"):
                guard let end = try endOfBalance(place, item + 2) else { return nil }
                (place, item) = (end, item + 4)
            case UInt8(ascii: "%") where second == UInt8(ascii: "f"):
                guard let next = try endOfFrontier(place, item + 2) else { return nil }
                item = next
            case UInt8(ascii: "%") where second &- 48 < 10:
                guard let end = try endOfRepetition(place, Int(second) - 49) else { return nil }
                (place, item) = (end, item + 2)
            default:
                let next = try endOfClass(item)
                let suffix = byte(next)
                switch suffix {
                case UInt8(ascii: "?"):
                    if fits(place, item, next), let end = try match(place + 1, next + 1) { return end }
                    item = next + 1
                case UInt8(ascii: "*"): return try matchMost(place, item, next, least: 0)
                case UInt8(ascii: "+"): return try matchMost(place, item, next, least: 1)
                case UInt8(ascii: "-"): return try matchLeast(place, item, next)
                default:
                    guard fits(place, item, next) else { return nil }
                    (place, item) = (place + 1, next)
                }
            }
        }
        return place
    }

    /// As many of the class as there are, then fewer and fewer, until the rest matches.
    private mutating func matchMost(
        _ place: Int, _ item: Int, _ next: Int, least: Int
    ) throws(LuaPatternError) -> Int? {
        var count = 0
        while fits(place + count, item, next) { count += 1 }
        while count >= least {
            try countStep()
            if let end = try match(place + count, next + 1) { return end }
            count -= 1
        }
        return nil
    }

    /// As few of the class as let the rest match.
    private mutating func matchLeast(_ place: Int, _ item: Int, _ next: Int) throws(LuaPatternError) -> Int? {
        var place = place
        while true {
            try countStep()
            if let end = try match(place, next + 1) { return end }
            guard fits(place, item, next) else { return nil }
            place += 1
        }
    }

    private mutating func matchOpening(_ place: Int, _ item: Int) throws(LuaPatternError) -> Int? {
        guard captureCount < Self.mostCaptures else { throw .tooManyCaptures }
        let isPlace = byte(item + 1) == UInt8(ascii: ")")
        captures.append(Capture(start: place, extent: isPlace ? .place : .open))
        if let end = try match(place, item + (isPlace ? 2 : 1)) { return end }
        captures.removeLast()
        return nil
    }

    private mutating func matchClosing(_ place: Int, _ item: Int) throws(LuaPatternError) -> Int? {
        guard let open = lastOpenCapture else { throw .noCaptureToClose }
        captures[open].extent = .length(place - captures[open].start)
        if let end = try match(place, item) { return end }
        captures[open].extent = .open
        return nil
    }

    private var lastOpenCapture: Int? {
        var number = captureCount - 1
        while number >= 0 {
            if case .open = captures[number].extent { return number }
            number -= 1
        }
        return nil
    }

    /// `%1`: the same text as a capture.
    private func endOfRepetition(_ place: Int, _ number: Int) throws(LuaPatternError) -> Int? {
        guard number >= 0, number < captureCount else { throw .captureIndex }
        let length: Int
        switch captures[number].extent {
        case .open: throw .captureIndex
        case .length(let captured): length = captured
        // Lua takes the length of a place for a very large one.
        case .place: return nil
        }
        let start = captures[number].start
        guard length <= text.byteCount - place,
            text.extracting(start..<(start + length)).elementsEqual(text.extracting(place..<(place + length)))
        else { return nil }
        return place + length
    }

    /// `%bxy`: from an x to the y that closes it.
    private mutating func endOfBalance(_ place: Int, _ item: Int) throws(LuaPatternError) -> Int? {
        guard item + 1 < pattern.byteCount else { throw .unbalanced }
        let (opening, closing) = (pattern[item], pattern[item + 1])
        guard place < text.byteCount, text[place] == opening else { return nil }
        var open = 1
        var index = place + 1
        while index < text.byteCount {
            try countStep()
            if text[index] == closing {
                open -= 1
                if open == 0 { return index + 1 }
            } else if text[index] == opening {
                open += 1
            }
            index += 1
        }
        return nil
    }

    /// `%f[set]`: between a byte that is not in the set and one that is. Answers the next item.
    private func endOfFrontier(_ place: Int, _ item: Int) throws(LuaPatternError) -> Int? {
        guard byte(item) == UInt8(ascii: "[") else { throw .noSetForFrontier }
        let next = try endOfClass(item)
        let before = place == 0 ? 0 : text[place - 1]
        let behind = place < text.byteCount ? text[place] : 0
        return !isInSet(before, item, next) && isInSet(behind, item, next) ? next : nil
    }

    @inline(__always)
    private mutating func countStep() throws(LuaPatternError) {
        stepsLeft -= 1
        if stepsLeft == 0 { try pause() }
    }

    @inline(never)
    private mutating func pause() throws(LuaPatternError) {
        stepsLeft = Self.stepsAtOnce
        if stack.withServer({ $0.endOfScript() }) != nil { throw .interrupted }
    }

    // MARK: Classes

    /// A byte of the pattern; 0 behind its end.
    private func byte(_ index: Int) -> UInt8 { index < pattern.byteCount ? pattern[index] : 0 }

    /// Where the single class at `item` ends: a byte, an escape or a set.
    private func endOfClass(_ item: Int) throws(LuaPatternError) -> Int {
        switch pattern[item] {
        case UInt8(ascii: "%"):
            guard item + 1 < pattern.byteCount else { throw .endsWithEscape }
            return item + 2
        case UInt8(ascii: "["):
            var index = item + 1
            if byte(index) == UInt8(ascii: "^") { index += 1 }
            // The first byte belongs to the set even if it is a bracket.
            repeat {
                guard index < pattern.byteCount else { throw .unfinishedSet }
                let isEscape = pattern[index] == UInt8(ascii: "%")
                index += 1
                if isEscape, index < pattern.byteCount { index += 1 }
            } while byte(index) != UInt8(ascii: "]")
            return index + 1
        default: return item + 1
        }
    }

    /// Whether the byte at `place` belongs to the class from `item` to `next`.
    private func fits(_ place: Int, _ item: Int, _ next: Int) -> Bool {
        guard place < text.byteCount else { return false }
        let candidate = text[place]
        switch pattern[item] {
        case UInt8(ascii: "."): return true
        case UInt8(ascii: "%"): return candidate.isInLuaClass(pattern[item + 1])
        case UInt8(ascii: "["): return isInSet(candidate, item, next)
        default: return candidate == pattern[item]
        }
    }

    /// Whether a byte belongs to the set whose brackets are at `item` and before `next`.
    private func isInSet(_ candidate: UInt8, _ item: Int, _ next: Int) -> Bool {
        let end = next - 1
        var index = item + 1
        let isComplement = byte(index) == UInt8(ascii: "^")
        if isComplement { index += 1 }
        while index < end {
            if pattern[index] == UInt8(ascii: "%") {
                if candidate.isInLuaClass(byte(index + 1)) { return !isComplement }
                index += 2
            } else if byte(index + 1) == UInt8(ascii: "-"), index + 2 < end {
                if pattern[index] <= candidate, candidate <= pattern[index + 2] { return !isComplement }
                index += 3
            } else {
                if pattern[index] == candidate { return !isComplement }
                index += 1
            }
        }
        return isComplement
    }
}

/// What is wrong with a pattern, or that the script is to end. The messages are Lua's.
enum LuaPatternError: Error {
    case endsWithEscape, unfinishedSet, unbalanced, noSetForFrontier, captureIndex, noCaptureToClose
    case unfinishedCapture, tooManyCaptures, tooComplex, interrupted

    func raise(_ stack: LuaStack) -> LuaFunctionResult {
        switch self {
        case .endsWithEscape: .raise("malformed pattern (ends with '%')", stack)
        case .unfinishedSet: .raise("malformed pattern (missing ']')", stack)
        case .unbalanced: .raise("unbalanced pattern", stack)
        case .noSetForFrontier: .raise("missing '[' after '%f' in pattern", stack)
        case .captureIndex: .raise("invalid capture index", stack)
        case .noCaptureToClose: .raise("invalid pattern capture", stack)
        case .unfinishedCapture: .raise("unfinished capture", stack)
        case .tooManyCaptures: .raise("too many captures", stack)
        case .tooComplex: .raise("pattern too complex", stack)
        case .interrupted: .stopped(stack)
        }
    }
}

extension UInt8 {
    /// Whether the byte belongs to the class that `%` with a letter stands for; a capital letter for the others. With
    /// anything else, whether it is that byte.
    fileprivate func isInLuaClass(_ name: UInt8) -> Bool {
        let isMember: Bool
        switch name.lowercased {
        case UInt8(ascii: "a"): isMember = isLetter
        case UInt8(ascii: "c"): isMember = self < 32 || self == 127
        case UInt8(ascii: "d"): isMember = isDigit
        case UInt8(ascii: "l"): isMember = self &- 97 < 26
        case UInt8(ascii: "p"): isMember = self > 32 && self < 127 && !isLetter && !isDigit
        case UInt8(ascii: "s"): isMember = isSpace
        case UInt8(ascii: "u"): isMember = self &- 65 < 26
        case UInt8(ascii: "w"): isMember = isLetter || isDigit
        case UInt8(ascii: "x"): isMember = isDigit || lowercased &- 97 < 6
        case UInt8(ascii: "z"): isMember = self == 0
        default: return self == name
        }
        return name &- 65 < 26 ? !isMember : isMember
    }

    private var isLetter: Bool { lowercased &- 97 < 26 }
    private var isDigit: Bool { self &- 48 < 10 }
}
