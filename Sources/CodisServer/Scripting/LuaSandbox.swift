import CLua
import Memory

/// The part of the sandbox that is written in Lua itself: global variables can neither be made nor be misspelt,
/// compiled code is not taken, and what would reach out of the sandbox is gone.
///
/// Lines count: Redis' errors about global variables name lines 8 and 15 of a chunk of this name.
enum LuaSandbox {
    static let name: StaticString = "@enable_strict_lua"

    static let text: StaticString = """
        local getinfo, rawset, rawget, error, tostring = debug.getinfo, rawset, rawget, error, tostring
        local type, select, pcall, concat, protect = type, select, pcall, table.concat, xpcall
        local compile, log, verbose, new_json = loadstring, redis.log, redis.LOG_VERBOSE, cjson.new
        local guard, is_stopped, shield = {}, ...
        guard.__newindex = function (globals, name, value)
            local caller = getinfo(2, "S")
            if caller and caller.what ~= "main" and caller.what ~= "C" then
                error("Script attempted to create global variable '"..tostring(name).."'", 2)
            end
            rawset(globals, name, value)
        end

        guard.__index = function (globals, name)
            if getinfo(2) and getinfo(2, "S").what ~= "C" then
                error("Script attempted to access unexisting global variable '"..tostring(name).."'", 2)
            end
            return rawget(globals, name)
        end

        -- The handler of an error that ends the script must not run: it could go on without end.
        xpcall = function (...)
            local body, handler = ...
            if select("#", ...) < 2 then error("bad argument #2 to 'xpcall' (value expected)", 2) end
            return protect(body, function (message)
                if is_stopped() then return message end
                return handler(message)
            end)
        end

        -- By way of loadstring, which refuses compiled code.
        load = function (read, name)
            if type(read) ~= "function" then
                error("bad argument #1 to 'load' (function expected, got "..type(read)..")", 2)
            end
            local parts = {}
            while true do
                local ok, part = pcall(read)
                if not ok then return nil, part end
                if part == nil or part == "" then break end
                if type(part) ~= "string" then return nil, "reader function must return a string" end
                parts[#parts + 1] = part
            end
            return compile(concat(parts), name or "=(load)")
        end

        print = function (...)
            local parts = {...}
            for index = 1, select("#", ...) do parts[index] = tostring(parts[index]) end
            log(verbose, concat(parts, "\\t"))
        end

        cjson.new = function ()
            local json = new_json()
            json.encode = shield(json.encode)
            return json
        end

        debug, dofile, loadfile, newproxy = nil
        setmetatable(_G, guard)
        """

    /// `loadstring(text [, name])`, which takes text alone: Lua does not check compiled code, and what is wrong with it
    /// can do anything to the process.
    static func loadString(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.type(at: 1) == .string || stack.type(at: 1) == .number else {
            return .wrongType(1, expected: "string", stack)
        }
        guard stack.count < 2 || stack.isNameOfChunk(at: 2) else { return .wrongType(2, expected: "string", stack) }
        let hasName = stack.count >= 2 && stack.type(at: 2) != .nil
        var text = ByteBuffer()
        // The first byte of compiled code; behind a blank it is a syntax error.
        if stack.bytes(at: 1).byteCount > 0, stack.bytes(at: 1)[0] == 27 { text.append(UInt8(ascii: " ")) }
        text.append(stack.bytes(at: 1))
        let isCompiled = unsafe stack.compile(text.bytes, name: lua_tolstring(stack.state, hasName ? 2 : 1, nil))
        if isCompiled { return .results(1) }
        stack.pushNil()
        stack.insert(-2)
        return .results(2)
    }
}

extension LuaStack {
    fileprivate func isNameOfChunk(at index: Int32) -> Bool {
        switch type(at: index) {
        case .none, .nil, .string, .number: true
        default: false
        }
    }
}
