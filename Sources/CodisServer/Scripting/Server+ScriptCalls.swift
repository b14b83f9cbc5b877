import Memory
import RESP

/// Commands of scripts: what `redis.call` does.
extension Server {
    /// Runs the command that the values on the stack are, and pushes its reply; answers whether that is an error.
    mutating func callFromScript(_ stack: LuaStack) throws(ScriptCallError) -> Bool {
        let assembled = scripting.request
        try assembled.value.assemble(stack)
        let request = assembled.value.request
        let client = scripting.client
        guard let command = commands.find(request[0]), command != .quit else { throw .unknownCommand }
        let spec = commands[command]
        guard spec.accepts(argumentCount: request.count) else { throw .wrongArity }
        try admit(command, spec, request, client)
        if command.movesKeys { migrateFromScript(command, request, client) } else { call(command, request, client) }
        client.state.flags = .ofScript
        defer { client.state.reply.removeAll() }
        let order = order(ofReplyTo: command, spec)
        let isError = client.reply.withBytes { bytes -> Bool? in
            var reader = ReplyReader(bytes)
            return stack.push(&reader, order) ? bytes[0] == UInt8(ascii: "-") : nil
        }
        guard let isError else { throw .replyTooDeep }
        return isError
    }

    /// What speaks against a command here and now, and what it says of the script.
    private mutating func admit(
        _ command: Command, _ spec: CommandSpec, _ request: Request, _ client: Client
    ) throws(ScriptCallError) {
        // A script of an old append-only file, or of another master, may have moved keys: it must not do so again.
        guard !spec.flags.contains(.noScript), !repeatsScripts || !command.isAboutMigration else { throw .notAllowed }
        guard let run = scripting.run else { preconditionFailure("a command of no script") }
        let writes = spec.flags.contains(.write)
        if writes, run.isReadOnly { throw .writeOfReader }
        if writes, run.hasActedAtRandom, !run.mayActAtRandom { throw .writeAfterRandom }
        if spec.flags.contains(.denyOOM), run.isOutOfMemory, !run.hasWritten { throw .outOfMemory }
        if writes, !repeatsScripts {
            if saves.hasFailed, refusesWrites { throw .cannotSave }
            if appendOnlyFile.failure != nil { throw .cannotAppend }
            if replication.restrictsCommands {
                if let refusal = refusal(of: spec) { throw .refused(refusal) }
                removeHiddenKeys(spec, request, client)
            }
        }
        if writes, hasPinGate { try waitForPins(command, spec, request, client, hasWritten: run.hasWritten) }
        if command.isAboutMigration { tellScriptByEffects() }
        if spec.flags.contains(.random) { scripting.run?.hasActedAtRandom = true }
        if writes { scripting.run?.hasWritten = true }
    }

    /// Whether scripts run that have run before: those of an append-only file, or of the master. Nothing may refuse them
    /// what they could do then.
    var repeatsScripts: Bool { loading != nil || replication.isApplying }

    /// The script has waited for the keys it declared. It may touch no other key on its way to another server, unless it
    /// has changed something already: then it is too late for an error, and the server waits. Long values that a
    /// snapshot wants are written first.
    private mutating func waitForPins(
        _ command: Command, _ spec: CommandSpec, _ request: Request, _ client: Client, hasWritten: Bool
    ) throws(ScriptCallError) {
        guard pinObstacle(to: command, spec, request, client) != nil else { return }
        if snapshot.isOn { finishLongValues() }
        guard pinObstacle(to: command, spec, request, client) != nil else { return }
        guard hasWritten else { throw .pinnedKey }
        // Other keys go meanwhile, which it may have changed.
        tellScriptByEffects()
        asConnected(client) { server in
            while server.mustWaitForPins(command, spec, request, client) { server.driveMigrations(of: client) }
        }
    }

    /// Runs a command that moves keys to another server, and waits for its end.
    private mutating func migrateFromScript(_ command: Command, _ request: Request, _ client: Client) {
        asConnected(client) { server in
            server.call(command, request, client)
            server.driveMigrations(of: client)
        }
    }

    /// Lets whoever looks for the client of scripts by its number find it, for the time of `body`.
    private mutating func asConnected(_ client: Client, _ body: (inout Server) -> Void) {
        clients[client.state.id] = client
        body(&self)
        clients[client.state.id] = nil
    }

    /// Replies whose order is chance are sorted for scripts that a replica has to run as well.
    private func order(ofReplyTo command: Command, _ spec: CommandSpec) -> ReplyOrder {
        guard scripting.run?.mayActAtRandom == false else { return .asItIs }
        if spec.flags.contains(.sortForScript) { return .sorted }
        return command == .hgetall ? .sortedPairs : .asItIs
    }
}

extension Command {
    /// Whether the command takes keys away to another server, and waits for it.
    fileprivate var movesKeys: Bool {
        switch self {
        case .migrate, .slotsmgrtone, .slotsmgrtslot, .slotsmgrttagone, .slotsmgrttagslot: true
        default: false
        }
    }

    /// Whether what the command does depends on other servers, or on what is under way to them.
    fileprivate var isAboutMigration: Bool { movesKeys || self == .slotsmgrtExecWrapper }
}

extension AssembledRequest {
    /// The values on the stack as arguments: strings, and numbers in decimal notation.
    fileprivate mutating func assemble(_ stack: LuaStack) throws(ScriptCallError) {
        let count = stack.count
        guard count > 0 else { throw .nothing }
        removeAll()
        for index in 1...count {
            switch stack.type(at: index) {
            case .string:
                let argument = stack.bytes(at: index)
                guard argument.byteCount <= Self.longest - byteCount else { throw .argumentsTooLong }
                append(argument)
            case .number: stack.number(at: index).withScoreText { append($0) }
            default: throw .argumentType
            }
        }
    }
}
