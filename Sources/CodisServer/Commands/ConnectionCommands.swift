import Memory
import RESP
import SlotStorage

/// A client and its connection. What CLIENT does to others is in `ClientCommand.swift`.
extension Server {
    mutating func auth(_ request: Request, _ client: Client) {
        if configuration.requirepass.isEmpty {
            return client.reply.append("-ERR Client sent AUTH, but no password is set\r\n")
        }
        if isPassword(request[1]) {
            client.state.flags.insert(.isAuthenticated)
            client.reply.ok()
        } else {
            client.state.flags.remove(.isAuthenticated)
            client.reply.append("-ERR invalid password\r\n")
        }
    }

    /// Takes as long for a good guess as for a bad one: time depends on the length of the guess alone.
    func isPassword(_ guess: RawSpan) -> Bool {
        let password = configuration.requirepass
        var difference = guess.byteCount ^ password.count
        for index in 0..<guess.byteCount { difference |= Int(guess[index] ^ password[index % password.count]) }
        return difference == 0
    }

    /// `PING [message]`. A client with subscriptions gets a reply that looks like a message.
    func ping(_ request: Request, _ client: Client) {
        if client.state.flags.contains(.isSubscribed), request.count <= 2 {
            client.reply.append("*2\r\n$4\r\npong\r\n")
            return client.reply.bulk(request.count == 2 ? request[1] : RawSpan())
        }
        switch request.count {
        case 1: client.reply.status("PONG")
        case 2: client.reply.bulk(request[1])
        default: client.reply.append("-ERR wrong number of arguments for 'ping' command\r\n")
        }
    }

    mutating func select(_ request: Request, _ client: Client) throws(CommandError) {
        guard let database = database(numbered: request[1]) else { throw .invalidDatabase }
        client.state.database = database
        client.reply.ok()
    }
}
