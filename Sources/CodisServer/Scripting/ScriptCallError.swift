import RESP

/// Why a command of a script is not even tried. The messages are Redis'.
enum ScriptCallError: Error {
    case nothing
    case argumentType
    case argumentsTooLong
    case unknownCommand
    case wrongArity
    case notAllowed
    case writeAfterRandom
    case writeOfReader
    case outOfMemory
    case cannotSave, cannotAppend
    /// The reply of replicas, and of masters without them.
    case refused(StaticString)
    case pinnedKey
    case replyTooDeep

    var message: String {
        switch self {
        case .nothing: "Please specify at least one argument for redis.call()"
        case .argumentType: "Lua redis() command arguments must be strings or integers"
        case .argumentsTooLong: "Lua redis() command arguments are more than \(AssembledRequest.longest) bytes"
        case .unknownCommand: "Unknown Redis command called from Lua script"
        case .wrongArity: "Wrong number of args calling Redis command From Lua script"
        case .notAllowed: "This Redis command is not allowed from scripts"
        case .writeAfterRandom:
            "Write commands not allowed after non deterministic commands. Call redis.replicate_commands() at the start "
                + "of your script in order to switch to single commands replication mode."
        case .writeOfReader: "Write commands are not allowed from read-only scripts."
        case .outOfMemory: "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
        case .cannotSave: String(describing: CommandError.cannotSave.reply)
        case .cannotAppend: "-MISCONF Errors writing to the AOF file. The log tells which.\r\n"
        case .refused(let reply): String(describing: reply)
        case .pinnedKey:
            "The key is on its way to another server or to disk. Scripts wait for the keys that KEYS names: name it there"
        case .replyTooDeep: "The reply is nested too deeply for Lua"
        }
    }
}
