import Logging
import Memory

/// The table `redis` of scripts.
enum RedisLibrary {
    static let constants: [(name: StaticString, value: Double)] = [
        ("LOG_DEBUG", 0), ("LOG_VERBOSE", 1), ("LOG_NOTICE", 2), ("LOG_WARNING", 3),
        ("REPL_NONE", 0), ("REPL_AOF", 1), ("REPL_SLAVE", 2), ("REPL_ALL", 3),
    ]

    /// `call(name, argument...)`: runs a command and returns its reply; an error is raised. `pcall`: it is returned.
    static func call(_ stack: LuaStack, isProtected: Bool) -> LuaFunctionResult {
        do throws(ScriptCallError) {
            let isError = try stack.withServer { server throws(ScriptCallError) in try server.callFromScript(stack) }
            guard isError, !isProtected else { return .results(1) }
            stack.pushField("err", ofTableAt: -1)
            return .raise
        } catch {
            if isProtected {
                ScriptErrors.pushReply(error.message, stack)
                return .results(1)
            }
            ScriptErrors.push(error.message, stack)
            return .raise
        }
    }

    /// `log(level, text...)`
    static func log(_ stack: LuaStack) -> LuaFunctionResult {
        let count = stack.count
        guard count >= 2 else { return raise("redis.log() requires two arguments or more.", stack) }
        guard stack.isNumeric(at: 1) else {
            return raise("First argument must be a number (log level).", stack)
        }
        let levels: [LogLevel] = [.debug, .verbose, .notice, .warning]
        guard let level = levels.indices.contains(stack.integer(at: 1)) ? levels[stack.integer(at: 1)] : nil else {
            return raise("Invalid debug level.", stack)
        }
        let text = (2...count).map { stack.bytes(at: $0).text }.joined(separator: " ")
        stack.withServer { $0.logger.log(level: level.loggerLevel, "\(text)") }
        return .nothing
    }

    /// `sha1hex(text)`
    static func sha1hex(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.count == 1 else { return raise("wrong number of arguments", stack) }
        let digest = stack.withServer { ScriptDigest(of: stack.bytes(at: 1), $0.scripting.hash) }
        stack.push(digest.hexadecimal.bytes)
        return .results(1)
    }

    /// `error_reply(text)`, `status_reply(text)`: what EVAL turns into such a reply.
    static func reply(_ stack: LuaStack, _ field: StaticString) -> LuaFunctionResult {
        guard stack.count == 1, stack.type(at: 1) == .string else {
            ScriptErrors.pushReply("wrong number or type of arguments", stack)
            return .results(1)
        }
        stack.pushTable(fields: 1)
        stack.push(valueAt: 1)
        stack.setField(field, ofTableAt: -2)
        return .results(1)
    }

    /// `replicate_commands()`: from now on the commands are propagated instead of the script. Returns whether this is
    /// still possible: nothing was changed yet.
    static func replicateCommands(_ stack: LuaStack) -> LuaFunctionResult {
        stack.push(stack.withServer { $0.letScriptActAtRandom() })
        return .results(1)
    }

    /// `set_repl(targets)`: who is told of the commands that follow.
    static func setTargets(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.withServer({ $0.scripting.run?.mayActAtRandom == true }) else {
            return raise(
                "You can set the replication behavior only after turning on single commands replication with "
                    + "redis.replicate_commands().", stack)
        }
        guard stack.count == 1 else { return raise("redis.set_repl() requires two arguments.", stack) }
        guard let bits = UInt8(exactly: stack.integer(at: 1)), bits <= PropagationTargets.all.rawValue else {
            return raise("Invalid replication flags. Use REPL_AOF, REPL_SLAVE, REPL_ALL or REPL_NONE.", stack)
        }
        stack.withServer { $0.propagation.setScriptTargets(PropagationTargets(rawValue: bits)) }
        return .nothing
    }

    /// Raises a message as it stands.
    private static func raise(_ message: String, _ stack: LuaStack) -> LuaFunctionResult {
        stack.push(message)
        return .raise
    }
}
