import Memory

/// `gsub`.
///
/// Where a function or a table says what a match is replaced by, it is asked by way of the trampoline, which then comes
/// back here. What is to be remembered meanwhile lies on Lua's stack, where it also ends if an error is raised:
///
///     1 text   2 pattern   3 replacement   4 most   5 parts   6 place   7 count   8 end of the match   9 the answer
extension StringLibrary {
    private static let parts: Int32 = 5
    private static let place: Int32 = 6
    private static let count: Int32 = 7
    private static let end: Int32 = 8

    /// `gsub(s, pattern, replacement [, n])`: the text with its matches replaced, and how many these are.
    static func replace(_ stack: LuaStack) -> LuaFunctionResult {
        do throws(LuaPatternError) {
            if stack.isBack {
                if let error = try takeAnswer(stack) { return error }
            } else {
                if let error = wrongArguments(ofReplace: stack) { return error }
                if stack.isText(at: 3) { return try replaceByText(stack) }
                begin(stack)
            }
            return try askNext(stack)
        } catch {
            return error.raise(stack)
        }
    }

    private static func wrongArguments(ofReplace stack: LuaStack) -> LuaFunctionResult? {
        for argument: Int32 in 1...2 where !stack.isText(at: argument) {
            return .wrongType(argument, expected: "string", stack)
        }
        guard stack.isAbsent(at: 4) || stack.isNumeric(at: 4) else {
            return .wrongType(4, expected: "number", stack)
        }
        let replacement = stack.type(at: 3)
        guard stack.isText(at: 3) || replacement == .function || replacement == .table else {
            return .badArgument(3, "string/function/table expected", stack)
        }
        return nil
    }

    /// How many matches are to be replaced at most.
    private static func most(_ stack: LuaStack) -> Int {
        guard !stack.isAbsent(at: 4) else { return .max }
        return Int(Int32(truncatingIfNeeded: stack.integer(at: 4)))
    }

    // MARK: By text

    private static func replaceByText(_ stack: LuaStack) throws(LuaPatternError) -> LuaFunctionResult {
        let (text, replacement, most) = (stack.bytes(at: 1), stack.bytes(at: 3), most(stack))
        var pattern = LuaPattern(stack.bytes(at: 2), in: text, stack)
        var output = ByteBuffer()
        var place = 0
        var count = 0
        while count < most, place <= text.byteCount {
            guard let found = try pattern.firstMatch(from: place) else { break }
            count += 1
            output.append(text.extracting(place..<found.lowerBound))
            try output.append(replacement, for: found, of: pattern)
            place = found.upperBound
            if found.isEmpty {
                if place < text.byteCount { output.append(text[place]) }
                place += 1
            }
            guard stack.mayHold(output.count) else { return .outOfMemory(stack) }
            if pattern.isAnchored { break }
        }
        if place < text.byteCount { output.append(text.extracting(place..<text.byteCount)) }
        stack.push(output.bytes)
        stack.push(Double(count))
        return .results(2)
    }

    // MARK: By function or table

    private static func begin(_ stack: LuaStack) {
        stack.setCount(4)
        stack.pushTable()
        stack.push(0)
        stack.push(0)
        stack.pushNil()
    }

    /// Finds the next match and asks what to put there, or returns what has become of the text.
    private static func askNext(_ stack: LuaStack) throws(LuaPatternError) -> LuaFunctionResult {
        let (text, place, count) = (stack.bytes(at: 1), stack.integer(at: place), stack.integer(at: count))
        var pattern = LuaPattern(stack.bytes(at: 2), in: text, stack)
        let isOver = count >= most(stack) || place > text.byteCount || pattern.isAnchored && count > 0
        guard !isOver, let found = try pattern.firstMatch(from: place) else { return finish(stack) }
        add(text.extracting(place..<found.lowerBound), stack)
        set(Self.place, found.lowerBound, stack)
        set(Self.count, count + 1, stack)
        set(Self.end, found.upperBound, stack)
        guard stack.hasRoom(for: LuaPattern.mostCaptures + 3) else { throw .tooManyCaptures }
        if stack.type(at: 3) == .function {
            stack.push(valueAt: 3)
            return .call(arguments: try stack.pushCaptures(of: pattern, found), stack)
        }
        stack.pushIndexFunction()
        stack.push(valueAt: 3)
        let captures = try stack.pushCaptures(of: pattern, found)
        stack.pop(captures - 1)
        return .call(arguments: 2, stack)
    }

    /// Puts the answer, which is on top of the stack, in the place of the match, and goes behind it.
    private static func takeAnswer(_ stack: LuaStack) throws(LuaPatternError) -> LuaFunctionResult? {
        let (text, start, end) = (stack.bytes(at: 1), stack.integer(at: place), stack.integer(at: Self.end))
        if !stack.boolean(at: -1) {
            add(text.extracting(start..<end), stack)
        } else if stack.isText(at: -1) {
            add(stack.bytes(at: -1), stack)
        } else {
            return .raise("invalid replacement value (a \(stack.typeName(at: -1)))", stack)
        }
        stack.pop()
        if start == end, end < text.byteCount { add(text.extracting(end..<(end + 1)), stack) }
        set(place, start == end ? end + 1 : end, stack)
        return nil
    }

    private static func finish(_ stack: LuaStack) -> LuaFunctionResult {
        let (text, place) = (stack.bytes(at: 1), stack.integer(at: place))
        if place < text.byteCount { add(text.extracting(place..<text.byteCount), stack) }
        var length = 0
        for number in stride(from: 1, through: stack.length(at: parts), by: 1) {
            stack.pushElement(number, ofTableAt: parts)
            length += stack.length(at: -1)
            stack.pop()
        }
        guard stack.mayHold(length) else { return .outOfMemory(stack) }
        var output = ByteBuffer()
        output.reserveExactly(length)
        for number in stride(from: 1, through: stack.length(at: parts), by: 1) {
            stack.pushElement(number, ofTableAt: parts)
            output.append(stack.bytes(at: -1))
            stack.pop()
        }
        stack.push(output.bytes)
        stack.push(valueAt: count)
        return .results(2)
    }

    private static func add(_ part: RawSpan, _ stack: LuaStack) {
        guard part.byteCount > 0 else { return }
        stack.push(part)
        stack.setElement(stack.length(at: parts) + 1, ofTableAt: parts)
    }

    private static func set(_ index: Int32, _ number: Int, _ stack: LuaStack) {
        stack.push(Double(number))
        stack.replace(index)
    }
}

extension ByteBuffer {
    /// Appends a replacement in which `%0` is the match, `%1` to `%9` are captures, and `%` with another byte is that
    /// byte.
    fileprivate mutating func append(
        _ replacement: RawSpan, for found: Range<Int>, of pattern: borrowing LuaPattern
    ) throws(LuaPatternError) {
        var index = 0
        while index < replacement.byteCount {
            let byte = replacement[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                append(byte)
                continue
            }
            // Behind the end, Lua finds a NUL.
            let name = index < replacement.byteCount ? replacement[index] : 0
            index += 1
            if name == UInt8(ascii: "0") || name == UInt8(ascii: "1") && pattern.captureCount == 0 {
                append(pattern.text.extracting(found))
            } else if name &- 48 < 10 {
                let capture = try pattern.capture(Int(name) - 49)
                switch capture.extent {
                case .length(let length): append(pattern.text.extracting(capture.start..<(capture.start + length)))
                case .open, .place: Int64(capture.start + 1).withDigits { append($0) }
                }
            } else {
                append(name)
            }
        }
    }
}
