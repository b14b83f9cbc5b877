import CLua
import Memory

/// What scripts find in their global variables.
enum LuaLibraries {
    static func open(_ stack: LuaStack) {
        unsafe open(luaopen_base, "", stack)
        unsafe open(luaopen_table, "table", stack)
        unsafe open(luaopen_string, "string", stack)
        unsafe open(luaopen_math, "math", stack)
        unsafe open(luaopen_bit, "bit", stack)
        unsafe open(luaopen_cjson, "cjson", stack)
        // For the sandbox, which takes it away.
        unsafe open(luaopen_debug, "debug", stack)
        for table: StaticString in ["redis", "struct", "cmsgpack"] {
            stack.pushTable()
            stack.setGlobal(table)
        }
        for constant in MessagePackLibrary.constants {
            stack.push(constant.text)
            set(constant.name, in: "cmsgpack", stack)
        }
        for constant in RedisLibrary.constants {
            stack.push(constant.value)
            set(constant.name, in: "redis", stack)
        }
        for entry in LuaFunction.all {
            stack.push(entry.function)
            if let table = entry.table { set(entry.name, in: table, stack) } else { stack.setGlobal(entry.name) }
        }
        for entry in LuaFunction.wrappers {
            stack.pushGlobal(entry.table)
            stack.pushField(entry.name, ofTableAt: -1)
            stack.put(entry.function)
            stack.setField(entry.name, ofTableAt: -2)
            stack.pop()
        }
        runSandbox(stack)
    }

    private static func open(_ library: @escaping lua_CFunction, _ name: StaticString, _ stack: LuaStack) {
        unsafe lua_pushcclosure(stack.state, library, 0)
        stack.push(name)
        // Nothing that a library does at its start can fail.
        unsafe lua_call(stack.state, 1, 1)
        if stack.type(at: -1) == .table, name.utf8CodeUnitCount > 0 { stack.setGlobal(name) } else { stack.pop() }
    }

    /// Pops a value and makes it a field of a table that is a global variable.
    private static func set(_ field: StaticString, in table: StaticString, _ stack: LuaStack) {
        stack.pushGlobal(table)
        stack.insert(-2)
        stack.setField(field, ofTableAt: -2)
        stack.pop()
    }

    private static func runSandbox(_ stack: LuaStack) {
        precondition(stack.compile(LuaSandbox.text.bytes, name: LuaSandbox.name), "the sandbox does not compile")
        stack.push(.isStopped)
        stack.push(.shield)
        unsafe lua_call(stack.state, 2, 0)
    }
}
