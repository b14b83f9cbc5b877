import Memory

/// What stands before `cjson.encode`, which can neither be stopped nor be given a limit, and ends the process where it
/// finds no memory.
///
/// Tables that contain others many times over make more text of a few kilobytes than any machine can hold.
enum JSONLibrary {
    /// Bytes of strings, and 8 for each value.
    private static let longest = LuaMachine.memoryLimit / 4
    private static let valuesAtOnce = 50_000

    static func encode(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.count == 1, stack.type(at: 1) == .table else { return .goOn }
        var length = 0
        var valuesLeft = valuesAtOnce
        switch measure(stack, &length, &valuesLeft) {
        case .done, .tooDeep:
            // What is nested too deeply, cjson refuses at once.
            stack.setCount(1)
            return .goOn
        case .tooLong: return .outOfMemory(stack)
        case .interrupted: return .stopped(stack)
        }
    }

    private enum Outcome {
        case done, tooDeep, tooLong, interrupted
    }

    /// Adds what the table on top of the stack contains.
    private static func measure(_ stack: LuaStack, _ length: inout Int, _ valuesLeft: inout Int) -> Outcome {
        guard stack.hasRoom(for: 3) else { return .tooDeep }
        stack.pushNil()
        while stack.pushNext(ofTableAt: -2) {
            length += 8 + textLength(stack, -2) + textLength(stack, -1)
            if length > longest { return .tooLong }
            valuesLeft -= 1
            if valuesLeft == 0 {
                valuesLeft = valuesAtOnce
                if stack.withServer({ $0.endOfScript() }) != nil { return .interrupted }
            }
            if stack.type(at: -1) == .table {
                let outcome = measure(stack, &length, &valuesLeft)
                if outcome != .done { return outcome }
            }
            stack.pop()
        }
        return .done
    }

    private static func textLength(_ stack: LuaStack, _ index: Int32) -> Int {
        stack.type(at: index) == .string ? stack.length(at: index) : 0
    }

    /// `shield(encode)`: puts the above before another encoder, that of `cjson.new()`.
    static func shield(_ stack: LuaStack) -> LuaFunctionResult {
        stack.setCount(1)
        stack.put(.encode)
        return .results(1)
    }
}
