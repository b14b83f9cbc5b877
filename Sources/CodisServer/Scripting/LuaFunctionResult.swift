import CLua
import Memory

/// What a function for Lua that is written in Swift answers: the number of results on the stack, or what the trampoline
/// is to raise once Swift has returned (`Sources/CLua/shim.h`).
struct LuaFunctionResult {
    let code: Int32

    static func results(_ count: Int32) -> LuaFunctionResult { LuaFunctionResult(code: count) }

    static let nothing = results(0)

    /// Raises the value on top of the stack.
    static let raise = LuaFunctionResult(code: Int32(LUA_RAISES))

    /// Raises an error as Lua's own functions do: with the line of the caller in front.
    static func raise(_ message: String, _ stack: LuaStack) -> LuaFunctionResult {
        stack.push(message)
        return LuaFunctionResult(code: Int32(LUA_RAISES_WITH_POSITION))
    }

    /// `bad argument #1 to 'name' (reason)`
    static func badArgument(_ number: Int32, _ reason: String, _ stack: LuaStack) -> LuaFunctionResult {
        badArgument(number, Array(reason.utf8), stack)
    }

    static func badArgument(_ number: Int32, _ reason: [UInt8], _ stack: LuaStack) -> LuaFunctionResult {
        stack.push(reason.bytes)
        return LuaFunctionResult(code: Int32(LUA_RAISES_ARGUMENT) - number)
    }

    /// An argument has to be of another type.
    static func wrongType(_ number: Int32, expected: String, _ stack: LuaStack) -> LuaFunctionResult {
        badArgument(number, "\(expected) expected, got \(stack.typeName(at: number))", stack)
    }

    /// Calls the function on the stack with so many arguments above it, and comes back with its result in their place.
    static func call(arguments: Int32, _ stack: LuaStack) -> LuaFunctionResult {
        unsafe lua_host_of(stack.state).pointee.arguments = arguments
        return LuaFunctionResult(code: Int32(LUA_CALLS))
    }

    /// Goes on as the function in C that this one was put before.
    static let goOn = LuaFunctionResult(code: Int32(LUA_GOES_ON))

    /// Raises why the script may not go on.
    static func stopped(_ stack: LuaStack) -> LuaFunctionResult {
        stack.push(stack.withServer { $0.scripting.run?.end }?.message ?? "")
        return .raise
    }

    /// Raises what Lua says when it gets no memory.
    static func outOfMemory(_ stack: LuaStack) -> LuaFunctionResult {
        stack.push("not enough memory")
        return .raise
    }
}

extension LuaStack {
    /// Whether the function runs again with the result of ``LuaFunctionResult/call(arguments:_:)``. Good until it calls
    /// anything itself.
    var isBack: Bool { unsafe lua_host_of(state).pointee.is_back != 0 }
}
