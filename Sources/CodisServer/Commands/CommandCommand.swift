import Memory
import RESP

extension Server {
    /// COMMAND, COMMAND COUNT, COMMAND INFO name..., COMMAND GETKEYS command...: what clients can know of commands.
    mutating func command(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count == 1 {
            let all = availableCommands
            client.reply.array(all.count)
            for spec in all { reply(spec, client) }
        } else if request[1].equalsIgnoringCase("info") {
            client.reply.array(request.count - 2)
            for index in 2..<max(request.count, 2) {
                if let command = commands.find(request[index]) {
                    reply(commands[command], client)
                } else {
                    client.reply.null()
                }
            }
        } else if request[1].equalsIgnoringCase("count"), request.count == 2 {
            client.reply.integer(availableCommands.count)
        } else if request[1].equalsIgnoringCase("getkeys"), request.count >= 3 {
            replyKeys(request, client)
        } else {
            client.reply.error("ERR Unknown subcommand or wrong number of arguments.")
        }
    }

    /// The commands that can be called by some name: `rename-command` may have taken some away.
    private var availableCommands: [CommandSpec] {
        let renamed = configuration.renameCommand.compactMap { commands.find($0.name.bytes) }
        return CommandSpec.all.filter { spec in
            commands.find(spec.name.bytes) == spec.command || renamed.contains(spec.command)
        }
    }

    private func reply(_ spec: CommandSpec, _ client: Client) {
        let isLater = client.reply.version == .resp3
        client.reply.array(isLater ? 10 : 6)
        client.reply.bulk(spec.name)
        client.reply.integer(spec.arity)
        let flags = CommandFlags.named.filter { spec.flags.contains($0.0) }
        client.reply.set(flags.count)
        for (_, name) in flags { client.reply.status(name) }
        client.reply.integer(spec.keys.first)
        client.reply.integer(spec.keys.last)
        client.reply.integer(spec.keys.step)
        // Who speaks RESP3 expects what Redis 7 tells besides, of which there is nothing here: categories of access, tips,
        // specifications of keys, subcommands.
        if isLater { for _ in 0..<4 { client.reply.set(0) } }
    }

    /// The keys among the arguments of the command that begins with the third argument.
    private func replyKeys(_ request: Request, _ client: Client) {
        guard let command = commands.find(request[2]) else {
            return client.reply.error("ERR Invalid command specified")
        }
        let count = request.count - 2
        guard commands[command].accepts(argumentCount: count) else {
            return client.reply.error("ERR Invalid number of arguments specified for command")
        }
        let spec = commands[command]
        let positions =
            spec.flags.contains(.movableKeys)
            ? movableKeys(request, of: command) : spec.keys.positions(in: count).map { $0 + 2 }
        client.reply.array(positions.count)
        for position in positions { client.reply.bulk(request[position]) }
    }

    /// The positions of the keys, the target's at the end, none where their number is wrong:
    /// `COMMAND GETKEYS sort key [options]`, `COMMAND GETKEYS migrate host port key database timeout [options]`,
    /// `COMMAND GETKEYS eval script numkeys [key ...]`, or else `COMMAND GETKEYS command target numkeys key [key ...]`.
    private func movableKeys(_ request: Request, of command: Command) -> [Int] {
        switch command {
        case .sort: return [3] + (SortOptions.targetPosition(of: request, optionsFrom: 4).map { [$0] } ?? [])
        case .migrate: return Array(MigrateOptions.keys(of: request, from: 2))
        default: break
        }
        guard let count = Int64(canonical: request[4]), count >= (command.isScript ? 0 : 1),
            count <= request.count - 5
        else { return [] }
        return Array(5..<5 + Int(count)) + (command.isScript ? [] : [3])
    }
}
