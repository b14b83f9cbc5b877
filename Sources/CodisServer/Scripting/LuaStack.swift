import CLua
import Memory

/// The stack of a Lua state (or of a coroutine), over which Lua and Swift give values to each other.
///
/// Lua raises errors by `longjmp`, and no Swift frame may lie between the raise and its catch. So only what raises
/// nothing is offered here. What Lua could raise below these calls cannot happen while Swift runs:
///
/// - lack of memory: the allocator has no limit then (`LuaMachine`);
/// - finalizers: scripts have no means to make one;
/// - metamethods: tables are read and written *raw*;
/// - a full stack: who pushes more than a few values asks ``hasRoom(for:)`` first.
///
/// A negative index counts from the top of the stack, as in Lua.
@safe
struct LuaStack {
    let state: OpaquePointer

    /// The stack of what Lua hands to a function.
    @inline(__always)
    init(_ state: OpaquePointer?) {
        guard let state = unsafe state else { preconditionFailure("no state of Lua") }
        unsafe self.state = unsafe state
    }

    /// How many values there are; in a function called by Lua, how many arguments.
    var count: Int32 { unsafe lua_gettop(state) }

    /// Whether so many values may be pushed.
    func hasRoom(for count: Int) -> Bool { unsafe lua_checkstack(state, Int32(clamping: count)) != 0 }

    func pop(_ count: Int32 = 1) { unsafe lua_settop(state, -count - 1) }

    /// Takes the value at `index` out; those above it move down.
    func remove(_ index: Int32) { unsafe lua_remove(state, index) }

    /// Moves the top value to `index`; those from there on move up.
    func insert(_ index: Int32) { unsafe lua_insert(state, index) }

    // MARK: Looking

    @inline(__always)
    func type(at index: Int32) -> LuaType { LuaType(rawValue: unsafe lua_type(state, index)) ?? .none }

    func boolean(at index: Int32) -> Bool { unsafe lua_toboolean(state, index) != 0 }

    /// The number there, or the one that a string spells; 0 for anything else.
    @inline(__always)
    func number(at index: Int32) -> Double { unsafe lua_tonumber(state, index) }

    /// Whether ``number(at:)`` finds one.
    func isNumeric(at index: Int32) -> Bool { unsafe lua_isnumber(state, index) != 0 }

    /// The integer part of ``number(at:)``; what does not fit is what the processor makes of it.
    func integer(at index: Int32) -> Int { unsafe lua_tointeger(state, index) }

    /// `#`: the length of a string, or a border of a table.
    func length(at index: Int32) -> Int { unsafe Int(lua_objlen(state, index)) }

    /// The bytes of a string, and of a number, which becomes a string; none for other values. Good as long as the
    /// value is on the stack.
    @inline(__always)
    @_lifetime(borrow self)
    func bytes(at index: Int32) -> RawSpan {
        var length = 0
        guard let start = unsafe lua_tolstring(state, index, &length) else { return RawSpan() }
        return unsafe _overrideLifetime(RawSpan(_unsafeStart: start, byteCount: length), borrowing: self)
    }

    /// Identifies a table, function, thread or userdata.
    func identity(at index: Int32) -> UInt { unsafe UInt(bitPattern: lua_topointer(state, index)) }

    /// The name that error messages have for the type of an argument.
    func typeName(at index: Int32) -> String {
        let type = type(at: index)
        return type == .none ? "no value" : unsafe String(cString: lua_typename(state, type.rawValue))
    }

    // MARK: Pushing

    @inline(__always)
    func push(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe lua_pushlstring(state, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    @inline(__always)
    func push(_ text: StaticString) { push(text.bytes) }

    func push(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe push($0.span.bytes) }
    }

    @inline(__always)
    func push(_ number: Double) { unsafe lua_pushnumber(state, number) }

    func push(_ value: Bool) { unsafe lua_pushboolean(state, value ? 1 : 0) }

    func pushNil() { unsafe lua_pushnil(state) }

    /// Pushes the value at `index` once more.
    func push(valueAt index: Int32) { unsafe lua_pushvalue(state, index) }

    /// A new table, with room for as many elements and fields as is known beforehand.
    func pushTable(elements: Int = 0, fields: Int = 0) {
        unsafe lua_createtable(state, Int32(clamping: elements), Int32(clamping: fields))
    }

    /// Pushes a function and gives it `upvalues` values of the stack, which it finds by ``freeUpvalue(_:)``.
    func push(_ function: LuaFunction, upvalues: Int32 = 0) {
        unsafe lua_push_swift_function(state, function.rawValue, upvalues)
    }

    /// Puts a function in the place of one in C, on top of the stack, with which it may go on.
    func put(_ function: LuaFunction) { unsafe lua_put_swift_function_before(state, function.rawValue) }

    /// The index of an upvalue of the function that runs, from 0.
    static func freeUpvalue(_ number: Int32) -> Int32 { lua_free_upvalue(number) }

    /// Pops a value and puts it at `index`.
    func replace(_ index: Int32) { unsafe lua_replace(state, index) }

    /// Lets there be `count` values: the others go, or nils come.
    func setCount(_ count: Int32) { unsafe lua_settop(state, count) }

    /// Pushes a function that indexes a table, by way of its metatable if need be.
    func pushIndexFunction() { unsafe lua_push_index_function(state) }

    /// Compiles a chunk and pushes it as a function; with `false` the error message.
    func compile(_ text: RawSpan, name: StaticString) -> Bool {
        unsafe compile(text, name: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
    }

    @unsafe
    func compile(_ text: RawSpan, name: UnsafePointer<CChar>?) -> Bool {
        unsafe text.withUnsafeBytes { text in
            unsafe luaL_loadbuffer(
                state, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, name) == 0
        }
    }

    // MARK: Tables

    /// Pops a value and makes it element `number` of the table at `table`.
    @inline(__always)
    func setElement(_ number: Int, ofTableAt table: Int32) {
        unsafe lua_rawseti(state, table, Int32(truncatingIfNeeded: number))
    }

    /// Pushes element `number` of the table at `table`.
    @inline(__always)
    func pushElement(_ number: Int, ofTableAt table: Int32) {
        unsafe lua_rawgeti(state, table, Int32(truncatingIfNeeded: number))
    }

    /// Pops a value and a key below it and sets them in the table at `table`. The key must not be nil.
    func setPair(inTableAt table: Int32) { unsafe lua_rawset(state, table) }

    /// Pops a value and makes it the field `name` of the table at `table`, which has to be a negative index.
    func setField(_ name: StaticString, ofTableAt table: Int32) {
        push(name)
        insert(-2)
        setPair(inTableAt: table - 1)
    }

    /// Pushes the field `name` of the table at `table`, which has to be a negative index.
    func pushField(_ name: StaticString, ofTableAt table: Int32) {
        push(name)
        unsafe lua_rawget(state, table - 1)
    }

    /// Pops a value and gives it to a global variable.
    func setGlobal(_ name: StaticString) {
        push(name)
        insert(-2)
        setPair(inTableAt: LUA_GLOBALSINDEX)
    }

    /// Pushes the value of a global variable.
    func pushGlobal(_ name: StaticString) {
        push(name)
        unsafe lua_rawget(state, LUA_GLOBALSINDEX)
    }

    /// Pops a key and pushes the pair that follows it in the table at `table`, or nothing behind the last one.
    func pushNext(ofTableAt table: Int32) -> Bool { unsafe lua_next(state, table) != 0 }
}

/// What a value of Lua is.
enum LuaType: Int32 {
    /// There is no value.
    case none = -1
    case `nil`, boolean, lightUserdata, number, string, table, function, userdata, thread
}
