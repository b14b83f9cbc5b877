import Memory

/// The functions of `string` that Lua's own library does not let be stopped: those with patterns, and `rep`.
/// `StringLibrary+Replacing.swift` has `gsub`.
enum StringLibrary {
    /// `find(s, pattern [, init [, plain]])`: where, and the captures.
    static func find(_ stack: LuaStack) -> LuaFunctionResult {
        if let error = wrongArguments(stack) { return error }
        let (text, pattern, place) = (stack.bytes(at: 1), stack.bytes(at: 2), start(stack))
        guard stack.boolean(at: 4) || !pattern.hasSpecialBytes else {
            return search(stack, from: place, isFind: true)
        }
        guard let found = text.extracting(place..<text.byteCount).firstOccurrence(of: pattern) else {
            stack.pushNil()
            return .results(1)
        }
        stack.push(Double(place + found + 1))
        stack.push(Double(place + found + pattern.byteCount))
        return .results(2)
    }

    /// `match(s, pattern [, init])`: the captures.
    static func match(_ stack: LuaStack) -> LuaFunctionResult {
        wrongArguments(stack) ?? search(stack, from: start(stack), isFind: false)
    }

    private static func search(_ stack: LuaStack, from place: Int, isFind: Bool) -> LuaFunctionResult {
        var pattern = LuaPattern(stack.bytes(at: 2), in: stack.bytes(at: 1), stack)
        do throws(LuaPatternError) {
            guard let found = try pattern.firstMatch(from: place) else {
                stack.pushNil()
                return .results(1)
            }
            guard isFind else { return .results(try stack.pushCaptures(of: pattern, found)) }
            stack.push(Double(found.lowerBound + 1))
            stack.push(Double(found.upperBound))
            return .results(2 + (try pattern.captureCount == 0 ? 0 : stack.pushCaptures(of: pattern, found)))
        } catch {
            return error.raise(stack)
        }
    }

    /// `gmatch(s, pattern)`: a function that goes from match to match.
    static func matches(_ stack: LuaStack) -> LuaFunctionResult {
        for argument: Int32 in 1...2 where !stack.isText(at: argument) {
            return .wrongType(argument, expected: "string", stack)
        }
        stack.setCount(2)
        stack.push(0)
        stack.push(.nextMatch, upvalues: 3)
        return .results(1)
    }

    /// What `gmatch` returns. Its upvalues are the text, the pattern and where to go on.
    static func nextMatch(_ stack: LuaStack) -> LuaFunctionResult {
        let place = stack.integer(at: LuaStack.freeUpvalue(2))
        stack.push(valueAt: LuaStack.freeUpvalue(0))
        stack.push(valueAt: LuaStack.freeUpvalue(1))
        var pattern = LuaPattern(stack.bytes(at: -1), in: stack.bytes(at: -2), stack, isAnchorable: false)
        do throws(LuaPatternError) {
            guard let found = try pattern.firstMatch(from: place) else { return .nothing }
            stack.push(Double(found.isEmpty ? found.upperBound + 1 : found.upperBound))
            stack.replace(LuaStack.freeUpvalue(2))
            return .results(try stack.pushCaptures(of: pattern, found))
        } catch {
            return error.raise(stack)
        }
    }

    /// `rep(s, n)`
    static func repeated(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.isText(at: 1) else { return .wrongType(1, expected: "string", stack) }
        guard stack.isNumeric(at: 2) else { return .wrongType(2, expected: "number", stack) }
        let text = stack.bytes(at: 1)
        let count = max(0, Int(Int32(truncatingIfNeeded: stack.integer(at: 2))))
        let (length, isTooLong) = text.byteCount.multipliedReportingOverflow(by: count)
        guard !isTooLong, stack.mayHold(length) else { return .outOfMemory(stack) }
        var repeated = ByteBuffer()
        repeated.append(text, times: count)
        stack.push(repeated.bytes)
        return .results(1)
    }

    // MARK: Arguments

    private static func wrongArguments(_ stack: LuaStack) -> LuaFunctionResult? {
        for argument: Int32 in 1...2 where !stack.isText(at: argument) {
            return .wrongType(argument, expected: "string", stack)
        }
        guard stack.isAbsent(at: 3) || stack.isNumeric(at: 3) else {
            return .wrongType(3, expected: "number", stack)
        }
        return nil
    }

    /// The third argument as a place in the text: from 1, or from the end where it is negative.
    private static func start(_ stack: LuaStack) -> Int {
        let length = stack.bytes(at: 1).byteCount
        guard !stack.isAbsent(at: 3) else { return 0 }
        let position = stack.integer(at: 3)
        return position < 0 ? max(0, length &+ position) : min(max(0, position &- 1), length)
    }
}

extension LuaStack {
    /// Whether the value is a string, or a number that can be taken for one.
    func isText(at index: Int32) -> Bool { type(at: index) == .string || type(at: index) == .number }

    /// Whether an argument is left out.
    func isAbsent(at index: Int32) -> Bool { type(at: index) == .none || type(at: index) == .nil }

    /// Pushes the captures of a match, or all of it if the pattern has none; answers how many these are.
    func pushCaptures(of pattern: borrowing LuaPattern, _ found: Range<Int>) throws(LuaPatternError) -> Int32 {
        guard hasRoom(for: LuaPattern.mostCaptures + 1) else { throw .tooManyCaptures }
        guard pattern.captureCount > 0 else {
            push(pattern.text.extracting(found))
            return 1
        }
        for number in 0..<pattern.captureCount { try pushCapture(number, of: pattern) }
        return Int32(pattern.captureCount)
    }

    private func pushCapture(_ number: Int, of pattern: borrowing LuaPattern) throws(LuaPatternError) {
        let capture = try pattern.capture(number)
        switch capture.extent {
        case .length(let length): push(pattern.text.extracting(capture.start..<(capture.start + length)))
        case .open, .place: push(Double(capture.start + 1))
        }
    }
}

extension RawSpan {
    /// Whether the bytes up to a NUL mean anything but themselves in a pattern.
    fileprivate var hasSpecialBytes: Bool {
        for index in 0..<byteCount {
            switch self[index] {
            case 0: return false
            case UInt8(ascii: "^"), UInt8(ascii: "$"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"),
                UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "%"), UInt8(ascii: "-"):
                return true
            default: continue
            }
        }
        return false
    }
}
