import Memory
import RESP

/// Clients in words, for CLIENT LIST and the log.
extension Server {
    /// A client with the fields of CLIENT LIST in Redis 2.8. Replies wait in chunks here: `obl` is their bytes, `oll`
    /// the number of chunks, `omem` the memory of these.
    func describe(_ client: Client) -> String {
        var line = "id=\(client.state.id) addr=\(address(of: client)) fd=\(client.state.descriptor)"
        line += " name=\(String(decoding: client.state.name, as: UTF8.self))"
        line += " age=\(clock.seconds - client.state.connectedAt) idle=\(clock.seconds - client.state.lastInteraction)"
        line += " flags=\(flagLetters(of: client)) db=\(client.state.database)"
        line += " sub=\(client.state.subscriptions?.channels.count ?? 0)"
        line += " psub=\(client.state.subscriptions?.patterns.count ?? 0)"
        line += " multi=\(client.state.transaction.map { $0.isOpen ? $0.commands.count : -1 } ?? -1)"
        line += " qbuf=\(client.state.input.count) qbuf-free=\(client.state.input.capacity - client.state.input.count)"
        line += " obl=\(client.reply.count) oll=\(client.reply.chunkCount) omem=\(client.reply.allocatedBytes)"
        line += " events=\(client.state.flags.contains(.waitsForWritable) ? "rw" : "r")"
        line += " cmd=\(client.state.lastCommand.map { commands[$0].name.description } ?? "NULL")"
        return line
    }

    /// The other end of the connection as `ip:port`, or `path:0` for one of the Unix domain socket. It names a client
    /// in CLIENT KILL.
    func address(of client: Client) -> String {
        client.state.isUnixSocket ? "\(configuration.unixsocket):0" : Socket.peerName(client.state.descriptor)
    }

    /// `S` for a replica, `O` for MONITOR, `x` between MULTI and EXEC, `b` while a command waits, `d` after a watched key
    /// has changed, `c` and `A` for connections that end after the replies or at once, `U` for the Unix domain socket,
    /// `N` for none of these.
    private func flagLetters(of client: Client) -> String {
        let flags = client.state.flags
        var letters = ""
        if flags.contains(.isReplica) { letters += "S" }
        if flags.contains(.isMonitor) { letters += "O" }
        if flags.contains(.isInTransaction) { letters += "x" }
        if !flags.isDisjoint(with: [.waitsForReply, .waitsForPin]) { letters += "b" }
        if client.state.transaction?.isOutdated == true { letters += "d" }
        if flags.contains(.closesAfterReply) { letters += "c" }
        if flags.contains(.isClosed) { letters += "A" }
        if client.state.isUnixSocket { letters += "U" }
        return letters.isEmpty ? "N" : letters
    }
}
