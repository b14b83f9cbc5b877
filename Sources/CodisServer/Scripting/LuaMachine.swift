import CLua
import Memory

/// A Lua 5.1 machine as scripts find it: its libraries, less what reaches out of the sandbox, and functions by number.
///
/// All its memory is jemalloc's and counted. A script may have ``memoryLimit`` bytes in use: what would be more is
/// refused and ends it with `not enough memory`.
@safe
struct LuaMachine: ~Copyable {
    /// What scripts may have in use: 1 GiB. Redis has no limit there, and a runaway script takes the server with it.
    static let memoryLimit = 1 << 30

    private let state: OpaquePointer
    private let host: UnsafeMutablePointer<lua_host>
    /// What every script begins with, whatever an earlier one did.
    private let globals: Int32
    private let errorHandler: Int32

    init() {
        unsafe host = .allocate(capacity: 1)
        unsafe host.initialize(
            to: lua_host(
                call: { unsafe LuaFunction(rawValue: $1)!.run(LuaStack($0)).code },
                is_stopped: { unsafe ScriptHook.isStopped($0) }, server: nil, arguments: 0, is_back: 0,
                used: 0, limit: Self.memoryLimit, is_limited: 0))
        let allocate: lua_Alloc = { host, block, oldSize, newSize in
            // Lua hands back what it was given below.
            unsafe LuaMachine.allocate(host!.assumingMemoryBound(to: lua_host.self), block, oldSize, newSize)
        }
        guard let state = unsafe lua_newstate(allocate, host) else { fatalError("Lua does not start") }
        unsafe self.state = unsafe state
        let stack = unsafe LuaStack(state)
        LuaLibraries.open(stack)
        unsafe lua_pushvalue(state, LUA_GLOBALSINDEX)
        globals = unsafe luaL_ref(state, LUA_REGISTRYINDEX)
        stack.push(.handleError)
        errorHandler = unsafe luaL_ref(state, LUA_REGISTRYINDEX)
        unsafe lua_ask_every(state, ScriptHook.interval)
    }

    deinit {
        unsafe lua_close(state)
        unsafe host.deallocate()
    }

    /// Bytes in use: `used_memory_lua`.
    var usedMemory: Int { unsafe Int(host.pointee.used) }

    /// Whether so much is in use that the next script might find too little.
    var hasGrown: Bool { usedMemory > Self.memoryLimit / 8 }

    var stack: LuaStack { unsafe LuaStack(state) }

    // MARK: Functions

    /// Pops a chunk that does nothing but return a function, and keeps this one.
    func keepResult() -> Int32 {
        unsafe lua_call(state, 0, 1)
        return unsafe luaL_ref(state, LUA_REGISTRYINDEX)
    }

    /// Puts the usual table of global variables in the place of what a script may have put there.
    func restoreGlobals() {
        push(kept: globals)
        unsafe lua_replace(state, LUA_GLOBALSINDEX)
    }

    private func push(kept number: Int32) { unsafe lua_rawgeti(state, LUA_REGISTRYINDEX, number) }

    /// Calls a kept function on behalf of `server`, with `KEYS` and `ARGV`, two tables on top of the stack. Leaves its
    /// result there, or the error message with `false`.
    func run(_ function: Int32, for server: UnsafeMutableRawPointer) -> Bool {
        restoreGlobals()
        unsafe lua_pushvalue(state, LUA_GLOBALSINDEX)
        stack.insert(-3)
        stack.setField("ARGV", ofTableAt: -3)
        stack.setField("KEYS", ofTableAt: -2)
        stack.pop()
        push(kept: errorHandler)
        push(kept: function)
        unsafe host.pointee.server = server
        unsafe host.pointee.is_limited = 1
        let status = unsafe lua_pcall(state, 0, 1, -2)
        unsafe host.pointee.is_limited = 0
        unsafe host.pointee.server = nil
        stack.remove(-2)
        return status == 0
    }

    /// Does a little of the garbage collector's work, or all of it where a script has left a lot. That also lets it run
    /// again if a script has stopped it.
    func collectGarbage() {
        if hasGrown {
            _ = unsafe lua_gc(state, LUA_GCCOLLECT, 0)
        } else {
            _ = unsafe lua_gc(state, LUA_GCSTEP, 1)
        }
    }

    /// Asks at once whether the script may go on, and then after every instruction.
    func askAlways() { unsafe lua_ask_every(state, 1) }

    func askSeldom() { unsafe lua_ask_every(state, ScriptHook.interval) }

    // MARK: Memory

    private static func allocate(
        _ host: UnsafeMutablePointer<lua_host>, _ block: UnsafeMutableRawPointer?, _ oldSize: Int, _ newSize: Int
    ) -> UnsafeMutableRawPointer? {
        guard newSize > 0 else {
            if let block = unsafe block {
                unsafe Heap.free(block, oldSize)
                unsafe host.pointee.used -= oldSize
            }
            return nil
        }
        if newSize > oldSize, unsafe host.pointee.is_limited != 0, unsafe !mayHave(newSize, insteadOf: oldSize, host) {
            return nil
        }
        unsafe host.pointee.used += newSize - oldSize
        guard let block = unsafe block else { return unsafe Heap.allocate(newSize) }
        return unsafe Heap.reallocate(block, newSize)
    }

    /// Whether a script may get a block. Large ones take long to fill: when it has run for too long, and somebody wants
    /// it to end, it gets no more.
    private static func mayHave(
        _ size: Int, insteadOf oldSize: Int, _ host: UnsafeMutablePointer<lua_host>
    ) -> Bool {
        if unsafe host.pointee.used + size - oldSize > host.pointee.limit { return false }
        if size < largeBlock { return true }
        guard let server = unsafe host.pointee.server else { return true }
        return unsafe server.assumingMemoryBound(to: Server.self).pointee.endOfScript() == nil
    }

    private static let largeBlock = 64 * 1024
}

extension LuaStack {
    /// Whether a script may have so many bytes more. What Swift pushes is not limited otherwise.
    func mayHold(_ bytes: Int) -> Bool {
        let host = unsafe lua_host_of(state).pointee
        return unsafe bytes <= Int(host.limit) - Int(host.used)
    }

    /// Lets `body` work on the server whose script runs.
    func withServer<Result, Failure: Error>(
        _ body: (inout Server) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let server = unsafe lua_host_of(state).pointee.server else {
            preconditionFailure("a function for scripts outside of any")
        }
        // The run loop's server: `Server.run(_:)` lends it out for the time of the script.
        return try unsafe body(&server.assumingMemoryBound(to: Server.self).pointee)
    }
}
