/// `math.random` and `math.randomseed`, with numbers that are the same in each run of a script.
enum RandomLibrary {
    /// `random()`: from 0 up to but not 1. `random(n)`: 1 to n. `random(m, n)`: m to n.
    static func random(_ stack: LuaStack) -> LuaFunctionResult {
        let number = stack.withServer { $0.scripting.random.next() }
        let count = stack.count
        if count == 0 {
            stack.push(number)
            return .results(1)
        }
        guard count <= 2 else { return .raise("wrong number of arguments", stack) }
        for argument in 1...count where !stack.isNumeric(at: argument) {
            return .wrongType(argument, expected: "number", stack)
        }
        let first = count == 1 ? 1 : bound(1, stack)
        let last = bound(count, stack)
        guard first <= last else { return .badArgument(count, "interval is empty", stack) }
        stack.push((number * (last - first + 1)).rounded(.down) + first)
        return .results(1)
    }

    static func seed(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.isNumeric(at: 1) else { return .wrongType(1, expected: "number", stack) }
        let seed = Int32(truncatingIfNeeded: stack.integer(at: 1))
        stack.withServer { $0.scripting.random = LuaRandom(seed: seed) }
        return .nothing
    }

    /// An argument as C's `int`.
    private static func bound(_ argument: Int32, _ stack: LuaStack) -> Double {
        Double(Int32(truncatingIfNeeded: stack.integer(at: argument)))
    }
}
