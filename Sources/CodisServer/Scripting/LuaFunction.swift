import CLua

/// The functions for Lua that are written in Swift, and where scripts find them.
enum LuaFunction: Int {
    case call, pcall, log, sha1hex, errorReply, statusReply, replicateCommands, setTargets
    case random, randomSeed, loadString
    case find, match, matches, nextMatch, replace, repeated
    case structPack, structUnpack, structSize
    case pack, unpack, unpackOne, unpackLimit
    /// Put before functions in C.
    case sort, insert, removeElement, encode
    /// Known to the machine and the sandbox alone.
    case handleError, isStopped, shield

    /// Table, name and function; no table for global variables.
    static let all: [(table: StaticString?, name: StaticString, function: LuaFunction)] = [
        ("redis", "call", .call), ("redis", "pcall", .pcall), ("redis", "log", .log), ("redis", "sha1hex", .sha1hex),
        ("redis", "error_reply", .errorReply), ("redis", "status_reply", .statusReply),
        ("redis", "replicate_commands", .replicateCommands), ("redis", "set_repl", .setTargets),
        ("math", "random", .random), ("math", "randomseed", .randomSeed), (nil, "loadstring", .loadString),
        ("string", "find", .find), ("string", "match", .match), ("string", "gmatch", .matches),
        ("string", "gfind", .matches), ("string", "gsub", .replace), ("string", "rep", .repeated),
        ("struct", "pack", .structPack), ("struct", "unpack", .structUnpack), ("struct", "size", .structSize),
        ("cmsgpack", "pack", .pack), ("cmsgpack", "unpack", .unpack), ("cmsgpack", "unpack_one", .unpackOne),
        ("cmsgpack", "unpack_limit", .unpackLimit),
    ]

    /// Functions that stand before those of the same name, which they go on with.
    static let wrappers: [(table: StaticString, name: StaticString, function: LuaFunction)] = [
        ("table", "sort", .sort), ("table", "insert", .insert), ("table", "remove", .removeElement),
        ("cjson", "encode", .encode),
    ]

    func run(_ stack: LuaStack) -> LuaFunctionResult {
        switch self {
        case .call: RedisLibrary.call(stack, isProtected: false)
        case .pcall: RedisLibrary.call(stack, isProtected: true)
        case .log: RedisLibrary.log(stack)
        case .sha1hex: RedisLibrary.sha1hex(stack)
        case .errorReply: RedisLibrary.reply(stack, "err")
        case .statusReply: RedisLibrary.reply(stack, "ok")
        case .replicateCommands: RedisLibrary.replicateCommands(stack)
        case .setTargets: RedisLibrary.setTargets(stack)
        case .random: RandomLibrary.random(stack)
        case .randomSeed: RandomLibrary.seed(stack)
        case .loadString: LuaSandbox.loadString(stack)
        case .find: StringLibrary.find(stack)
        case .match: StringLibrary.match(stack)
        case .matches: StringLibrary.matches(stack)
        case .nextMatch: StringLibrary.nextMatch(stack)
        case .replace: StringLibrary.replace(stack)
        case .repeated: StringLibrary.repeated(stack)
        case .structPack: StructLibrary.pack(stack)
        case .structUnpack: StructLibrary.unpack(stack)
        case .structSize: StructLibrary.size(stack)
        case .pack: MessagePackLibrary.pack(stack)
        case .unpack: MessagePackLibrary.unpack(stack)
        case .unpackOne: MessagePackLibrary.unpackOne(stack)
        case .unpackLimit: MessagePackLibrary.unpackLimit(stack)
        case .encode: JSONLibrary.encode(stack)
        case .sort: TableLibrary.sort(stack)
        case .insert: TableLibrary.insert(stack)
        case .removeElement: TableLibrary.remove(stack)
        case .handleError: ScriptErrors.handle(stack)
        case .isStopped: ScriptHook.tellStopped(stack)
        case .shield: JSONLibrary.shield(stack)
        }
    }
}
