import CLua
import Memory

/// How errors of scripts tell where they happened.
enum ScriptErrors {
    /// What Lua calls with an error before the script is left: puts `@user_script:line: ` in front of it, the place of
    /// the innermost function in Lua, as Redis does.
    static func handle(_ stack: LuaStack) -> LuaFunctionResult {
        let type = stack.type(at: 1)
        guard type == .string || type == .number else {
            // In Redis the handler is a function in Lua, which fails here and is called once more for that.
            stack.push(
                "@err_handler_def:8: err_handler_def:8: attempt to concatenate local 'err' (a \(stack.typeName(at: 1)) value)"
            )
            return .results(1)
        }
        guard let place = place(stack, level: 1) else { return .results(1) }
        let caller = place.isLua ? place : self.place(stack, level: 2) ?? place
        stack.push(joined("\(caller.source):\(caller.line): ", stack.bytes(at: 1)).bytes)
        return .results(1)
    }

    /// Pushes the message of an error that Redis itself finds: with the place of the caller, in the words of
    /// `luaPushError`.
    static func push(_ message: String, _ stack: LuaStack) {
        guard let place = place(stack, level: 1) else { return stack.push(message) }
        stack.push("\(place.source): \(place.line): \(message)")
    }

    /// Pushes the same as a table that is an error reply.
    static func pushReply(_ message: String, _ stack: LuaStack) {
        stack.pushTable(fields: 1)
        push(message, stack)
        stack.setField("err", ofTableAt: -2)
    }

    private struct Place {
        let source: String
        let line: Int32
        let isLua: Bool
    }

    /// Where the function `level` calls up stands; 0 is the one that runs.
    private static func place(_ stack: LuaStack, level: Int32) -> Place? {
        var activation = unsafe lua_Debug()
        guard unsafe lua_getstack(stack.state, level, &activation) != 0,
            unsafe lua_getinfo(stack.state, "Sl", &activation) != 0
        else { return nil }
        return unsafe Place(
            source: String(cString: activation.source), line: activation.currentline,
            isLua: activation.what.pointee != CChar(UInt8(ascii: "C")))
    }

    private static func joined(_ prefix: String, _ rest: RawSpan) -> ByteBuffer {
        var text = ByteBuffer(copying: Array(prefix.utf8).bytes)
        text.append(rest)
        return text
    }
}
