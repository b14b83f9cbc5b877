import Memory
import RESP
import SlotStorage

/// `SLOTSMGRT-EXEC-WRAPPER hashkey command [argument ...]`: runs a command on a server whose slot is being given away, or
/// tells where to go with it (specification, section 9).
extension Server {
    mutating func slotsmgrtExecWrapper(_ request: Request, _ client: Client) {
        let name = request[2]
        guard let command = commands.find(name), command.isAllowedInWrapper,
            !client.state.isScript || !commands[command].flags.contains(.noScript)
        else {
            return decline(client, -1, "invalid command specified (\(name.text))")
        }
        let spec = commands[command]
        guard spec.accepts(argumentCount: request.count - 2) else {
            return decline(client, -1, "wrong number of arguments for command (\(name.text))")
        }
        let isHere = findForWriting(request[1], client) != nil
        // What was sent in vain is still answered for here.
        guard isHere || migration.leftovers.contains(request[1], in: client.state.database) else {
            return decline(client, 0, "the specified key doesn't exist")
        }
        let inner = request.dropFirst(2)
        if !command.onlyReads(spec), isUnderWay(request[1], client) || isInTheWay(of: command, spec, inner, client) {
            return decline(client, 1, "the specified key is being migrated")
        }
        client.reply.append("*2\r\n:2\r\n")
        call(command, inner, client)
        // The command itself was told, as it would have been without the wrapper (quirk Q5).
        propagation.keepOut()
    }

    private func decline(_ client: Client, _ code: Int, _ text: String) {
        client.reply.array(2)
        client.reply.integer(code)
        client.reply.error("ERR \(text)")
    }

    /// Whether the key is being given away, or another one with its tag.
    private func isUnderWay(_ key: RawSpan, _ client: Client) -> Bool {
        guard migration.hasPins else { return false }
        let database = client.state.database
        if let entry = keyspace[database].find(key), isUnderWay(entry),
            migration.arrivals.find(key, in: database) == nil
        {
            return true
        }
        let tag = SlotTag(of: key)
        return tag.isTagged && (migration.asyncLinks[database]?.batch?.tags.contains(tag.crc) ?? false)
    }

    /// Whether the command would change any other key that is under way (quirk Q6).
    private mutating func isInTheWay(
        of command: Command, _ spec: CommandSpec, _ request: Request, _ client: Client
    ) -> Bool {
        guard migration.hasPins, spec.flags.contains(.write) else { return false }
        return pinObstacle(to: command, spec, request, client) != nil
    }
}

extension Command {
    /// Commands that change what a connection is, wait, or move keys themselves do nothing good in a wrapper, whose reply
    /// is one array (quirk Q25).
    fileprivate var isAllowedInWrapper: Bool {
        switch self {
        case .auth, .hello, .reset, .quit, .select, .client, .monitor, .shutdown, .wait, .debug: false
        case .multi, .exec, .discard, .watch, .unwatch: false
        case .subscribe, .unsubscribe, .psubscribe, .punsubscribe: false
        case .blpop, .brpop, .brpoplpush: false
        case .migrate, .slotsmgrtone, .slotsmgrtslot, .slotsmgrttagone, .slotsmgrttagslot: false
        case .slotsmgrtoneAsync, .slotsmgrttagoneAsync, .slotsmgrtslotAsync, .slotsmgrttagslotAsync: false
        case .slotsmgrtAsyncFence: false
        case .slotsrestoreAsync, .slotsrestoreAsyncAuth, .slotsrestoreAsyncSelect, .slotsrestoreAsyncAck: false
        default: true
        }
    }

    /// Whether the command counts as a reader. Some that change nothing do not, as in codis-server 3.2, which proxies
    /// rely on: they belong to where the key will be.
    fileprivate func onlyReads(_ spec: CommandSpec) -> Bool {
        spec.flags.contains(.readonly) && self != .ping && self != .echo && self != .publish
    }
}
