import Memory
import RESP

/// `CLIENT LIST | KILL | GETNAME | SETNAME | REPLY | PAUSE | ID | INFO | SETINFO | NO-EVICT`
extension Server {
    mutating func client(_ request: Request, _ client: Client) throws(CommandError) {
        let action = request[1]
        if action.equalsIgnoringCase("list"), request.count == 2 {
            listClients(client)
        } else if action.equalsIgnoringCase("kill") {
            try killClients(request, client)
        } else if action.equalsIgnoringCase("getname"), request.count == 2 {
            if client.state.name.isEmpty { client.reply.null() } else { client.reply.bulk(client.state.name) }
        } else if action.equalsIgnoringCase("setname"), request.count == 3 {
            try setName(request[2], client)
        } else if action.equalsIgnoringCase("id"), request.count == 2 {
            client.reply.integer(Int(client.state.id))
        } else if action.equalsIgnoringCase("info"), request.count == 2 {
            let library = libraries[client.state.id] ?? ClientLibrary()
            client.reply.bulk("\(describe(client)) lib-name=\(library.name) lib-ver=\(library.version)\n")
        } else if action.equalsIgnoringCase("setinfo"), request.count == 4 {
            try setLibrary(request[2], request[3], client)
        } else if action.equalsIgnoringCase("no-evict"), request.count == 3 {
            // No client is ever evicted for its memory here.
            guard request[2].equalsIgnoringCase("on") || request[2].equalsIgnoringCase("off") else { throw .syntax }
            client.reply.ok()
        } else if action.equalsIgnoringCase("reply"), request.count == 3 {
            try setReplies(request[2], client)
        } else if action.equalsIgnoringCase("pause"), request.count == 3 {
            try pauseClients(request[2], client)
        } else {
            throw .clientSyntax
        }
    }

    /// Every client in a line, in the order they came.
    private func listClients(_ client: Client) {
        var list = ""
        for other in clientsInOrder { list += describe(other) + "\n" }
        client.reply.bulk(list)
    }

    private var clientsInOrder: [Client] { clients.sorted { $0.key < $1.key }.map(\.value) }

    /// An empty name takes the name away. Only printable characters are allowed, so that CLIENT LIST can be split at
    /// its blanks.
    private func setName(_ name: RawSpan, _ client: Client) throws(CommandError) {
        guard isClientName(name) else { throw .invalidClientName }
        client.state.name = name.array
        client.reply.ok()
    }

    func isClientName(_ name: RawSpan) -> Bool {
        for index in 0..<name.byteCount where name[index] < UInt8(ascii: "!") || name[index] > UInt8(ascii: "~") {
            return false
        }
        return true
    }

    /// `CLIENT SETINFO lib-name|lib-ver text`, of Redis 7: which library the client is written with.
    private mutating func setLibrary(_ attribute: RawSpan, _ text: RawSpan, _ client: Client) throws(CommandError) {
        let isVersion = attribute.equalsIgnoringCase("lib-ver")
        guard isVersion || attribute.equalsIgnoringCase("lib-name") else { throw .clientSyntax }
        guard isClientName(text) else { throw .invalidClientName }
        var library = libraries[client.state.id] ?? ClientLibrary()
        if isVersion { library.version = text.text } else { library.name = text.text }
        libraries[client.state.id] = library
        client.reply.ok()
    }

    // MARK: Killing

    /// Whom `CLIENT KILL` ends: those that pass every test that was given.
    private struct KillFilter {
        /// 0 for any.
        var id: Int64 = 0
        var address: String?
        var type: ClientType?
        var skipsCaller = true
    }

    /// The types that `CLIENT KILL TYPE` knows. Clients that watch by MONITOR are normal ones.
    private enum ClientType {
        case normal, slave, pubsub
    }

    /// `CLIENT KILL address`, which may be the caller's own, or `CLIENT KILL (ID id | TYPE type | ADDR address | SKIPME
    /// yes|no) ...`, which answers how many it were.
    private mutating func killClients(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count < 3 { throw .syntax }
        let isOldForm = request.count == 3
        var filter = KillFilter()
        if isOldForm {
            filter.address = request[2].text
            filter.skipsCaller = false
        } else {
            guard let parsed = try killFilter(request, client) else { return }
            filter = parsed
        }
        let victims = clientsInOrder.filter { passes($0, filter) && !(filter.skipsCaller && $0 == client) }
        for victim in victims where victim != client { close(victim) }
        if !isOldForm {
            client.reply.integer(victims.count)
        } else if victims.isEmpty {
            client.reply.append("-ERR No such client\r\n")
        } else {
            client.reply.ok()
        }
        if victims.contains(client) { client.state.flags.insert(.closesAfterReply) }
    }

    /// `nil` when an error was replied.
    private func killFilter(_ request: Request, _ client: Client) throws(CommandError) -> KillFilter? {
        var filter = KillFilter()
        for index in stride(from: 2, to: request.count, by: 2) {
            guard index + 1 < request.count else { throw .syntax }
            let (option, value) = (request[index], request[index + 1])
            if option.equalsIgnoringCase("id") {
                filter.id = try value.integer()
            } else if option.equalsIgnoringCase("type") {
                guard let type = clientType(value) else {
                    client.reply.error("ERR Unknown client type '\(value.text)'")
                    return nil
                }
                filter.type = type
            } else if option.equalsIgnoringCase("addr") {
                filter.address = value.text
            } else if option.equalsIgnoringCase("skipme") {
                filter.skipsCaller = value.equalsIgnoringCase("yes")
                guard filter.skipsCaller || value.equalsIgnoringCase("no") else { throw .syntax }
            } else {
                throw .syntax
            }
        }
        return filter
    }

    private func clientType(_ name: RawSpan) -> ClientType? {
        if name.equalsIgnoringCase("normal") { return .normal }
        if name.equalsIgnoringCase("slave") { return .slave }
        if name.equalsIgnoringCase("pubsub") { return .pubsub }
        return nil
    }

    private func passes(_ client: Client, _ filter: KillFilter) -> Bool {
        if let address = filter.address, address != self.address(of: client) { return false }
        let type: ClientType =
            client.state.flags.contains(.isReplica)
            ? .slave : client.state.flags.contains(.isSubscribed) ? .pubsub : .normal
        if let wanted = filter.type, wanted != type { return false }
        return filter.id == 0 || UInt64(bitPattern: filter.id) == client.state.id
    }

    // MARK: Pausing

    /// `CLIENT PAUSE milliseconds`
    private mutating func pauseClients(_ argument: RawSpan, _ client: Client) throws(CommandError) {
        let duration = try argument.integer(orThrow: .notATimeout)
        if duration < 0 { throw .negativeTimeout }
        let (nanoseconds, isTooLong) = duration.multipliedReportingOverflow(by: 1_000_000)
        let (end, isTooLate) = nanoseconds.addingReportingOverflow(clock.monotonic)
        if isTooLong || isTooLate { throw .notATimeout }
        if duration > 0 { pause.extend(to: end) }
        client.reply.ok()
    }
}

/// What a client said of the library it is written with.
struct ClientLibrary {
    var name = ""
    var version = ""
}
