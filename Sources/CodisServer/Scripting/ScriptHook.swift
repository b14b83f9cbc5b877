import CLua

/// What Lua asks between the instructions of a script: whether it may go on.
enum ScriptHook {
    /// Instructions between two questions: some microseconds usually. Where these take long, it is asked more often.
    static let interval: Int32 = 1000
    private static let intervalOfLongInstructions: Int32 = 10
    /// 10 milliseconds, in nanoseconds.
    private static let longTime: Int64 = 10_000_000

    /// 0 if the script may go on; else the reason is pushed, to be raised.
    static func isStopped(_ state: OpaquePointer?) -> Int32 {
        guard let state = unsafe state else { return 0 }
        let stack = unsafe LuaStack(state)
        // Libraries are opened before any server is there.
        guard unsafe lua_host_of(state).pointee.server != nil else { return 0 }
        let (end, pause) = stack.withServer { ($0.endOfScript(), $0.scripting.timeSinceLastQuestion()) }
        guard let end else {
            unsafe lua_ask_every(state, pause > longTime ? intervalOfLongInstructions : interval)
            return 0
        }
        // The script could catch the error and go on; it is asked again at once, and then outside of what caught it.
        unsafe lua_ask_every(state, 1)
        stack.push(end.message)
        return 1
    }

    /// Returns whether the script must not go on.
    static func tellStopped(_ stack: LuaStack) -> LuaFunctionResult {
        stack.push(stack.withServer { $0.scripting.run?.end != nil })
        return .results(1)
    }
}
