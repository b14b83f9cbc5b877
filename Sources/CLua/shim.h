// Lua 5.1 and its libraries, and the trampolines between Lua and Swift.
//
// Lua raises errors with longjmp, which must not leave a Swift frame behind. A function for Lua that is written in Swift
// therefore never raises: it leaves a value on the stack and answers what is to be done with it, and the trampoline,
// when Swift has returned, does it.
#include <lua5.1/lua.h>
#include <lua5.1/lauxlib.h>
#include <lua5.1/lualib.h>
#include <lua5.1/lua-cjson.h>
#include <lua5.1/lua-bitop.h>

// What a function in Swift answers, if not the number of its results.
enum {
    // Raise the value on top of the stack.
    LUA_RAISES = -1,
    // Raise the message on top of the stack, with the script and line of the caller put in front.
    LUA_RAISES_WITH_POSITION = -2,
    // Call the function on the stack with the `arguments` of the host above it, for one result, and then Swift again.
    LUA_CALLS = -3,
    // Go on as the function in C that this one stands before.
    LUA_GOES_ON = -4,
    // Raise that argument n is bad for the reason on top of the stack: LUA_RAISES_ARGUMENT - n.
    LUA_RAISES_ARGUMENT = -8
};

// What every state here has as the user data of its allocator.
struct lua_host {
    // Runs a function that is written in Swift, known by its number.
    int (*call)(lua_State *state, long function);
    // Answers whether the script may not go on; the reason is then on top of the stack.
    int (*is_stopped)(lua_State *state);
    void *server;
    // See LUA_CALLS.
    int arguments;
    // Whether Swift is called again, with the result of what it had called.
    int is_back;
    // Bytes in use.
    size_t used;
    // Bytes that a script may have in use, and whether this counts now: it does while nothing but Lua runs.
    size_t limit;
    int is_limited;
};

static inline struct lua_host *lua_host_of(lua_State *state) {
    void *host;
    lua_getallocf(state, &host);
    return (struct lua_host *)host;
}

// The upvalues of a trampoline: what the function in C that it goes on with has as its first one, the number of the
// function in Swift, and what else that one, or the way on, needs.
enum { LUA_FUNCTION_UPVALUE = 2, LUA_FREE_UPVALUE = 3 };

static inline int lua_swift_trampoline(lua_State *state) {
    long function = (long)lua_touserdata(state, lua_upvalueindex(LUA_FUNCTION_UPVALUE));
    struct lua_host *host = lua_host_of(state);
    int results;
    for (int is_back = 0;; is_back = 1) {
        int was_limited = host->is_limited;
        host->is_limited = 0;
        host->is_back = is_back;
        results = host->call(state, function);
        host->is_limited = was_limited;
        if (results != LUA_CALLS) break;
        lua_call(state, host->arguments, 1);
    }
    if (results >= 0) return results;
    if (results <= LUA_RAISES_ARGUMENT) {
        return luaL_argerror(state, LUA_RAISES_ARGUMENT - results, lua_tostring(state, -1));
    }
    if (results == LUA_GOES_ON) return lua_tocfunction(state, lua_upvalueindex(LUA_FREE_UPVALUE))(state);
    if (results == LUA_RAISES_WITH_POSITION) {
        luaL_where(state, 1);
        lua_insert(state, -2);
        lua_concat(state, 2);
    }
    return lua_error(state);
}

// Pushes the function that is written in Swift and has this number, with so many values of the stack as upvalues.
static inline void lua_push_swift_function(lua_State *state, long function, int upvalues) {
    lua_pushnil(state);
    lua_insert(state, -1 - upvalues);
    lua_pushlightuserdata(state, (void *)function);
    lua_insert(state, -1 - upvalues);
    lua_pushcclosure(state, lua_swift_trampoline, 2 + upvalues);
}

// Replaces the function in C on top of the stack by one in Swift that may go on with it.
static inline void lua_put_swift_function_before(lua_State *state, long function) {
    if (lua_getupvalue(state, -1, 1) == NULL) lua_pushnil(state);
    lua_pushlightuserdata(state, (void *)function);
    lua_pushcfunction(state, lua_tocfunction(state, -3));
    lua_pushcclosure(state, lua_swift_trampoline, 3);
    lua_remove(state, -2);
}

static inline int lua_free_upvalue(int number) { return lua_upvalueindex(LUA_FREE_UPVALUE + number); }

// Indexes a table, by way of its metatable if need be.
static inline int lua_index(lua_State *state) {
    lua_gettable(state, 1);
    return 1;
}

static inline void lua_push_index_function(lua_State *state) { lua_pushcfunction(state, lua_index); }

static inline void lua_swift_hook(lua_State *state, lua_Debug *activation) {
    (void)activation;
    struct lua_host *host = lua_host_of(state);
    int was_limited = host->is_limited;
    host->is_limited = 0;
    int is_stopped = host->is_stopped(state);
    host->is_limited = was_limited;
    if (is_stopped) lua_error(state);
}

// Lets `is_stopped` be asked after every `count` instructions, in this coroutine and those it makes from now on.
static inline void lua_ask_every(lua_State *state, int count) {
    lua_sethook(state, lua_swift_hook, LUA_MASKCOUNT, count);
}
