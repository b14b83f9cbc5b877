import Memory
import RESP
import SlotStorage

/// A client and its connection. What CLIENT does to others is in `ClientCommand.swift`.
extension Server {
    /// `AUTH [username] password`: the only user is `default`.
    mutating func auth(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count > 3 { throw .syntax }
        if request.count == 3, !request[1].elementsEqual(StaticString("default").bytes) { throw .wrongPassword }
        try authenticate(request[request.count - 1], client)
        client.reply.ok()
    }

    /// Lets the client in if the password is right, and out if it is not.
    func authenticate(_ password: RawSpan, _ client: Client) throws(CommandError) {
        if configuration.requirepass.isEmpty { throw .noPasswordIsSet }
        guard isPassword(password) else {
            client.state.flags.remove(.isAuthenticated)
            throw .invalidPassword
        }
        client.state.flags.insert(.isAuthenticated)
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
        if client.state.flags.contains(.isSubscribed), client.reply.version == .resp2, request.count <= 2 {
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
