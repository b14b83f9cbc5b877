import Foundation
import Testing

extension IntegrationTests.ScriptTests {
    /// Scripts that want to end the server, or to hold it for ever: each ends by itself or can be killed.
    @Suite struct HostileScriptTests {
        static let scripts: [String] = [
            // Loops, and what they catch the end of a script with
            "while true do end",
            "while true do pcall(function() while true do end end) end",
            "while true do xpcall(function() while true do end end, function() while true do end end) end",
            "while true do coroutine.wrap(function() while true do end end)() end",
            "local function f() return f() end f()",
            "local t = {} for i = 1, 9 do t[i] = i end table.sort(t, function() while true do end end)",
            "return (('x'):rep(10)):gsub('x', function() while true do end end)",
            "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
            "while true do table.sort({1, 2}, function(a, b) return redis.call('get', 'x') end) end",
            "for word in string.gmatch(('x '):rep(10), '%w') do while true do end end",
            "return load(function() while true do end end)",
            // Memory
            "local s = 'x' while true do s = s .. s end",
            "local s = {} while true do s[#s + 1] = ('x'):rep(1000000) .. #s end",
            "while true do pcall(function() local s = 'x' while true do s = s .. s end end) end",
            "local s = 'xx' while true do s = s:gsub('.', '%0%0%0%0') end",
            "local s = 'xx' while true do s = s:gsub('.', function(c) return c .. c .. c end) end",
            "return #string.rep('x', 2147483647)",
            "return #string.rep('', 2147483647)",
            "local t = {} for i = 1, 100000000 do t[i] = i end return #t",
            "collectgarbage('stop') local n = 0 while true do n = n .. '' end",
            "local s = ('x'):rep(1000000) local t = {} for i = 1, 7000 do t[i] = s end return redis.call('rpush', 'l', unpack(t))",
            "return cmsgpack.unpack(('\\221\\0\\15\\66\\64'):rep(7000) .. ('\\192'):rep(1000000))",
            // Depth
            "local function f() return 1 + f() end return f()",
            "local function f() return pcall(f) end return f()",
            "local function f() coroutine.wrap(f)() end f()",
            "local t = setmetatable({}, {}) getmetatable(t).__tostring = function(x) return tostring(x) end return tostring(t)",
            "local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) return t .. t",
            "return loadstring(('('):rep(100000))",
            "return loadstring('return ' .. ('{'):rep(100000))",
            "return cmsgpack.unpack(('\\145'):rep(100000))",
            "return cjson.decode(('['):rep(100000))",
            "cjson.encode_max_depth(1000000) local t = {} t[1] = t return cjson.encode(t)",
            "cjson.decode_max_depth(1000000) return cjson.decode(('['):rep(1000000))",
            "local t = {} for i = 1, 100000 do t = {t} end return t",
            "error(setmetatable({}, {__tostring = function() while true do end end}))",
            // Patterns
            "return string.find(('a'):rep(50), ('a*'):rep(25) .. 'b')",
            "return string.find(('a'):rep(300000), ('a?'):rep(300000) .. 'b')",
            "return string.find(('a'):rep(300000), ('(a)'):rep(40))",
            "return string.find(('a'):rep(20000000), ('a'):rep(10000000) .. 'b', 1, true)",
            "return string.match(('('):rep(100000), '%b()')",
            // Much work in one call
            "local t = {} for i = 1, 3000000 do t[i] = i * 7919 % 1000003 end table.sort(t) return 1",
            "local t = {1} table.insert(t, -2147483640, 1)",
            "local t = {1} for i = 1, 60 do t = {t, t} end return cjson.encode(t)",
            "local t = {1} for i = 1, 60 do t = {t, t} end return cjson.new().encode(t)",
            "local t = {1} for i = 1, 60 do t = {t, t} end return t",
            "local t = {} for i = 1, 200 do t[i] = 1 end for i = 1, 14 do local u = {} for j = 1, 200 do u[j] = t end t = u end "
                + "return cmsgpack.pack(t)",
            // Compiled code, and what the libraries make of nonsense
            "return loadstring('\\27Lua' .. ('\\255'):rep(1000))",
            "return struct.unpack('c2147483647', 'x')",
            "return struct.pack(('i'):rep(100000), 1)",
            "return struct.unpack(('i'):rep(100000), ('x'):rep(400000))",
            "return cmsgpack.unpack('\\223\\255\\255\\255\\255')",
            "return bit.lshift(1, 1e300)",
            "return string.format(('%s'):rep(100000), 1)",
        ]

        @Test("none ends the server, and each can be ended")
        func corpus() throws {
            try withServer(["lua-time-limit": ["100"]]) { server in
                for script in Self.scripts {
                    let caller = try server.connect(timeout: .seconds(90))
                    let killer = try server.connect(timeout: .seconds(90))
                    try caller.send(encodeCommand(["EVAL", script, "0"].map { Bytes(text: $0) }))
                    // Until the script is over, by itself or by being killed, whatever comes first.
                    var reply: Reply?
                    try waitUntil(within: .seconds(60)) {
                        try killer.call("SCRIPT", "KILL")
                        reply = try? caller.receive(timeout: .milliseconds(5))
                        return reply != nil
                    }
                    guard reply != nil, server.isRunning else {
                        Issue.record("\(script)\n\(server.log.suffix(1000))")
                        return
                    }
                    #expect(
                        try killer.call("EVAL", "return redis.call('ping')", "0") == .status("PONG"), "after \(script)")
                }
            }
        }

        /// Errors out of every function that is there, with every mixture of arguments, also within coroutines and calls
        /// back from other functions. No error may leave a frame of the server's own behind it unfinished, which a build
        /// with AddressSanitizer would notice.
        private static let errorsOfEveryFunction = """
            -- New ones for each function: what is inserted into itself again and again takes for ever to be packed.
            local function new()
                return {false, 0, -1, 2^53, 1/0, '', 'x', '%', '(', 'i4', {}, {1, 'x'}, print, coroutine.create(print)}
            end
            local count = 0
            local function try(f, ...)
                if not pcall(f, ...) then count = count + 1 end
                local arguments, n = {...}, select('#', ...)
                local wrapped = coroutine.wrap(function() f(unpack(arguments, 1, n)) end)
                if not pcall(wrapped) then count = count + 1 end
                if not xpcall(function() f(unpack(arguments, 1, n)) end, function(e) error(e) end) then count = count + 1 end
            end
            for _, library in ipairs({redis, string, table, math, struct, cmsgpack, cjson, bit, coroutine}) do
                for name, f in pairs(library) do
                    if type(f) == 'function' then
                        try(f)
                        local values = new()
                        for _, a in ipairs(values) do
                            try(f, a)
                            for _, b in ipairs(values) do
                                try(f, a, b)
                                try(f, 'x', a, b)
                            end
                        end
                    end
                end
            end
            for _, f in ipairs({loadstring, load, setmetatable, getfenv, setfenv, tonumber, unpack, select, rawset, next}) do
                try(f)
                for _, a in ipairs(new()) do try(f, a) try(f, a, a) end
            end
            local function fail() error('failed') end
            local failing = setmetatable({}, {__index = fail, __newindex = fail, __tostring = fail, __lt = fail, __concat = fail})
            for depth = 1, 50 do
                try(string.gsub, 'abc', '.', fail)
                try(string.gsub, 'abc', '.', failing)
                try(string.gsub, 'abc', '.', function() return {} end)
                try(string.gsub, 'abc', '.', function() return string.gsub('x', '.', fail) end)
                try(table.sort, {3, 2, 1}, fail)
                try(table.sort, {failing, failing, failing})
                try(tostring, failing)
                try(load, fail)
                try(redis.call, 'get')
                try(redis.call, 'lpush', 'l')
                try(redis.call, failing)
                try(cjson.encode, {failing, print})
                try(cjson.decode, '[1')
                try(cmsgpack.unpack, '\\145')
                try(struct.unpack, 'i4', '')
                try(function() return missing end)
                try(function() missing = 1 end)
                try(function() return failing .. 'x' end)
                try(function() for word in string.gmatch('a b', '(%w') do end end)
                try(function() for word in string.gmatch('a b', '%w') do fail() end end)
            end
            return count
            """

        @Test("errors out of every function, wherever they are raised")
        func errors() throws {
            try withServer { server in
                let connection = try server.connect(timeout: .seconds(120))
                for _ in 0..<3 {
                    let count = try connection.eval(Self.errorsOfEveryFunction)
                    #expect(count.integerValue ?? 0 > 10_000)
                    #expect(try connection.eval("error('outermost')").errorText?.hasSuffix("outermost ") == true)
                    try connection.call("SCRIPT", "FLUSH")
                }
                #expect(try connection.eval("return redis.call('ping')") == .status("PONG"))
            }
        }
    }
}
