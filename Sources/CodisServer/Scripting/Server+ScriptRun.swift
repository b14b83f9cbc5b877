import Memory
import RESP

/// A script from its arguments to its reply.
extension Server {
    /// Runs a script for `EVAL script numkeys key... arg...` or its like.
    mutating func runScript(
        _ digest: ScriptDigest, _ request: Request, keys: Int, _ client: Client, isReadOnly: Bool
    ) {
        guard let script = scripting.scripts[digest] else { preconditionFailure("a script that was not loaded") }
        let machine = scripting.machine
        let stack = machine.value.stack
        stack.pushArguments(request, from: 3, count: keys)
        stack.pushArguments(request, from: 3 + keys, count: request.count - 3 - keys)
        begin(digest, client, isReadOnly: isReadOnly)
        let changesBefore = dirty
        let succeeded = unsafe withUnsafeMutablePointer(to: &self) { server in
            unsafe machine.value.run(script.function, for: server)
        }
        if succeeded {
            replyResult(stack, digest, client)
        } else {
            replyError(stack.bytes(at: -1), digest, client)
        }
        stack.pop()
        tell(request, script.text, hasChanged: dirty != changesBefore)
        scripting.endRun()
    }

    private mutating func begin(_ digest: ScriptDigest, _ client: Client, isReadOnly: Bool) {
        scripting.random = LuaRandom()
        scripting.machine.value.askSeldom()
        scripting.run = ScriptRun(
            digest: digest, caller: client, isReadOnly: isReadOnly,
            isOutOfMemory: !repeatsScripts && isOverMemoryLimit && makeRoom() == .exhausted)
        scripting.client.state.database = client.state.database
        scripting.client.state.flags = .ofScript
        propagation.beginScript()
        // What the script finds of keys on their way to another server, nobody finds who runs it later.
        if migration.hasPins { tellScriptByEffects() }
    }

    // MARK: Replies

    private mutating func replyResult(_ stack: LuaStack, _ digest: ScriptDigest, _ client: Client) {
        var writer = LuaReplyWriter(stack)
        // Kept apart until it is whole.
        var reply = ReplyBuffer(pool: replyChunks)
        reply.version = client.reply.version
        if writer.write(to: &reply, &self) {
            client.state.reply.append(movingFrom: &reply)
        } else if case .stopped(let end) = writer.failure {
            replyError(Array(end.message.utf8).bytes, digest, client)
        } else {
            client.reply.append("-ERR The reply of the script is nested too deeply or too long\r\n")
        }
    }

    private func replyError(_ message: RawSpan, _ digest: ScriptDigest, _ client: Client) {
        client.reply.append("-ERR Error running script (call to f_")
        let name = digest.hexadecimal
        client.reply.append(name.bytes)
        client.reply.append("): ")
        // As C ends it.
        client.reply.append(line: message.extracting(0..<(message.firstIndex(of: 0) ?? message.byteCount)))
        client.reply.append(" \r\n")
    }

    // MARK: Propagation

    /// The commands of the script are propagated and not the script itself.
    mutating func tellScriptByEffects() {
        guard scripting.run?.isToldByEffects == false else { return }
        scripting.run?.isToldByEffects = true
        propagation.tellScriptByEffects()
    }

    /// `redis.replicate_commands`. `false` when the script has called a command that changes data, as in Redis.
    mutating func letScriptActAtRandom() -> Bool {
        guard scripting.run?.hasWritten == false else { return false }
        tellScriptByEffects()
        scripting.run?.mayActAtRandom = true
        scripting.random = LuaRandom(seed: Int32(truncatingIfNeeded: random.next()))
        return true
    }

    /// Tells the script, if it has changed something: as EVAL with the whole text, whatever it was called by, since who
    /// reads the stream need not know it.
    private mutating func tell(_ request: Request, _ text: [UInt8], hasChanged: Bool) {
        guard let run = scripting.run else { return }
        propagation.endScript(isUndone: run.end == .shutdown)
        if run.isToldByEffects || run.end == .shutdown {
            propagation.keepOut()
        } else if hasChanged {
            propagateInstead(in: run.caller.state.database) { commands in
                commands.array(request.count)
                commands.bulk("EVAL")
                commands.bulk(text.bytes)
                for index in 2..<request.count { commands.bulk(request[index]) }
            }
        }
    }
}

extension LuaStack {
    /// Pushes a table of arguments.
    fileprivate func pushArguments(_ request: Request, from first: Int, count: Int) {
        pushTable(elements: count)
        for number in stride(from: 1, through: count, by: 1) {
            push(request[first + number - 1])
            setElement(number, ofTableAt: -2)
        }
    }
}
