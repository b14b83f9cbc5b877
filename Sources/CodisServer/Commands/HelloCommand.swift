import Memory
import RESP

/// How later clients begin: HELLO, RESET, and what CLIENT tells of a connection.
extension Server {
    /// `HELLO [2|3 [AUTH username password] [SETNAME name]]`: who the server is, for clients of Redis 6 and later, and
    /// the version of the protocol in which it answers from now on.
    ///
    /// Users are unknown here: `default` is the one that has the password, as in Redis with a password alone.
    mutating func hello(_ request: Request, _ client: Client) throws(CommandError) {
        var chosen: ProtocolVersion?
        if request.count > 1 {
            guard let version = Int64(canonical: request[1]) else {
                return client.reply.append("-ERR Protocol version is not an integer or out of range\r\n")
            }
            chosen = ProtocolVersion(rawValue: Int(version))
            guard chosen != nil else { return client.reply.append("-NOPROTO unsupported protocol version\r\n") }
        }
        var name: Int?
        var password: Int?
        var index = 2
        while index < request.count {
            if request[index].equalsIgnoringCase("auth"), index + 2 < request.count {
                guard request[index + 1].elementsEqual(StaticString("default").bytes) else { throw .wrongPassword }
                password = index + 2
                index += 3
            } else if request[index].equalsIgnoringCase("setname"), index + 1 < request.count {
                name = index + 1
                index += 2
            } else {
                throw .syntax
            }
        }
        if let password { try authenticate(request[password], client) }
        if requiresPassword, !client.state.flags.contains(.isAuthenticated) { throw .helloWithoutPassword }
        if let name {
            guard isClientName(request[name]) else { throw .invalidClientName }
            client.state.name = request[name].array
        }
        if let chosen { client.reply.version = chosen }
        replyHello(client)
    }

    private func replyHello(_ client: Client) {
        client.reply.map(7)
        client.reply.bulk("server")
        client.reply.bulk("redis")
        client.reply.bulk("version")
        client.reply.bulk(Self.redisVersion)
        client.reply.bulk("proto")
        client.reply.integer(client.reply.version.rawValue)
        client.reply.bulk("id")
        client.reply.integer(Int(client.state.id))
        client.reply.bulk("mode")
        client.reply.bulk("standalone")
        client.reply.bulk("role")
        client.reply.bulk(replication.master == nil ? "master" : "replica")
        client.reply.bulk("modules")
        client.reply.array(0)
    }

    /// `RESET`: the connection is as new: no transaction, no subscriptions, no MONITOR, database 0, and the password is
    /// to be given again.
    mutating func reset(_ client: Client) {
        if client.state.transaction != nil {
            unwatchAll(client)
            client.state.transaction = nil
            client.state.flags.remove(.isInTransaction)
        }
        if let subscriptions = client.state.subscriptions {
            pubSub.unsubscribeAll(client.state.id, subscriptions)
            client.state.subscriptions = nil
        }
        if client.state.flags.contains(.isMonitor) { monitors.removeAll { $0 == client.state.id } }
        client.state.flags.subtract([.isMonitor, .isSubscribed, .isAuthenticated])
        client.state.name = []
        client.state.database = 0
        client.reply.version = .resp2
        client.reply.status("RESET")
    }
}
