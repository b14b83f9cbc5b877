import Foundation

/// The connections, stand-in targets and placeholders that the steps of a recording use, and what each step does.
///
/// Before each server stands a relay of its own, so that no recording meets a migration connection that an earlier
/// one has left behind.
final class Playback {
    /// What a step gave.
    enum Outcome {
        case nothing
        case reply(Reply)
        /// The replies that still came before the end of a connection.
        case replies([Reply])
        /// All items of a scan, each once, sorted.
        case items([Bytes])
    }

    private let header: Recording.Header
    private let addresses: [String: Address]
    private var relays: [Relay] = []
    private var fakes: [FakeTarget] = []
    private var connections: [String: Connection] = [:]
    private var saved: [(role: String, name: String, value: Reply)] = []
    /// What the placeholders stand for.
    private(set) var names: [String: String]

    /// - Parameters:
    ///   - addresses: where "source" and, if need be, "target" listen.
    ///   - names: what more placeholders stand for.
    init(_ header: Recording.Header, addresses: [String: Address], names: [String: String] = [:]) throws {
        self.header = header
        self.addresses = addresses
        self.names = names
        for (role, address) in addresses {
            let relay = try Relay(to: address)
            relays.append(relay)
            name(role.uppercased(), relay.host, relay.port)
        }
        for (fakeName, specification) in header.fakes ?? [:] {
            let fake = try FakeTarget(specification)
            fakes.append(fake)
            name(fakeName, fake.host, fake.port)
        }
    }

    private func name(_ name: String, _ host: String, _ port: Int) {
        names[name + "_HOST"] = host
        names[name + "_PORT"] = String(port)
    }

    // MARK: Before and after

    /// Empties the servers and makes the settings of the header.
    func prepare() throws {
        for role in addresses.keys { try wipe(role) }
        for (role, settings) in header.config ?? [:] where addresses[role] != nil {
            let connection = try control(role)
            for (name, value) in settings {
                let old = try connection.call("CONFIG", "GET", name)
                if let items = old.items, items.count == 2 { saved.append((role, name, items[1])) }
                try connection.call("CONFIG", "SET", name, value)
            }
        }
    }

    /// Closes everything, and leaves the servers empty and with the settings they had.
    func finish() throws {
        for connection in connections.values { connection.close() }
        connections = [:]
        for fake in fakes { fake.stop() }
        for relay in relays { relay.stop() }
        for role in addresses.keys {
            try wipe(role)
            let connection = try control(role)
            for (_, name, value) in saved.filter({ $0.role == role }) {
                try connection.call("CONFIG", "SET", name, value.bytes ?? [])
            }
        }
    }

    /// A connection past the password that a recording may have left.
    private func control(_ role: String) throws -> Connection {
        let connection = try Connection(to: address(role))
        var passwords = try (header.passwords ?? []).map { try $0.bytes() }[...]
        while try connection.call("PING").errorText?.hasPrefix("NOAUTH") == true, let word = passwords.popFirst() {
            try connection.call("AUTH", word)
        }
        return connection
    }

    private func wipe(_ role: String) throws {
        let connection = try control(role)
        for step in header.cleanup ?? [] where (step.on ?? "source") == role {
            try connection.call(step.send.map { try $0.bytes(names) })
        }
        try connection.call("CONFIG", "SET", "requirepass", "")
        for database in 0..<16 {
            if try connection.call("SLOTSMGRT-ASYNC-CANCEL").errorText != nil { break }
            if try connection.call("SELECT", database + 1).errorText != nil { break }
        }
        try connection.call("SELECT", "0")
        try connection.call("SCRIPT", "FLUSH")
        let reply = try connection.call([Bytes(text: "FLUSHALL")], timeout: .seconds(60))
        if let error = reply.errorText { throw KitFailure("FLUSHALL on the \(role): \(error)") }
        connection.close()
    }

    private func address(_ role: String) throws -> Address {
        guard let address = addresses[role] else { throw BadRecording("this needs a \(role)") }
        return address
    }

    // MARK: Steps

    private func connection(_ name: String) throws -> Connection {
        if let open = connections[name] { return open }
        let role = header.conns?[name] ?? (name.hasPrefix("t") ? "target" : "source")
        let connection = try Connection(to: address(role))
        connections[name] = connection
        return connection
    }

    /// Does a step.
    func perform(_ step: Recording.Step) throws -> Outcome {
        let wait = Duration.milliseconds(step.ms ?? 15_000)
        let connection = step.operation == .sleep ? nil : try connection(step.connection)
        guard let connection else {
            Thread.sleep(forTimeInterval: wait.seconds)
            return .nothing
        }
        switch step.operation {
        case .call: return .reply(try connection.call(arguments(step)))
        case .send: try connection.send(encodeCommand(arguments(step)))
        case .raw: try connection.send(step.data?.bytes(names) ?? [])
        case .recv: return .reply(try connection.receive(timeout: wait))
        case .noreply:
            do {
                return .reply(try connection.receive(timeout: wait))
            } catch ConnectionFailure.timedOut {
                return .nothing
            }
        case .eof: return .replies(try rest(of: connection, named: step.connection, wait))
        case .until: return .reply(try repeatUntil(step, on: connection))
        case .scan: return try scan(step, on: connection)
        case .drain: return .reply(try drain(step, on: connection))
        case .close:
            connections[step.connection] = nil
            connection.close()
        case .open, .sleep: break
        }
        return .nothing
    }

    private func arguments(_ step: Recording.Step, cursor: String? = nil) throws -> [Bytes] {
        var names = names
        names["CURSOR"] = cursor
        return try (step.send ?? []).flatMap { try $0.expanded(names) }
    }

    /// What still comes until the server closes.
    private func rest(of connection: Connection, named name: String, _ wait: Duration) throws -> [Reply] {
        var replies: [Reply] = []
        while true {
            do {
                replies.append(try connection.receive(timeout: wait))
            } catch ConnectionFailure.closed {
                break
            } catch ConnectionFailure.system(_, ECONNRESET) {
                break
            }
        }
        connections[name] = nil
        return replies
    }

    private func repeatUntil(_ step: Recording.Step, on connection: Connection) throws -> Reply {
        let deadline = ContinuousClock.now + .milliseconds(step.ms ?? 5000)
        while true {
            let reply = try connection.call(arguments(step))
            let mismatch = try step.expect?.mismatch(reply, names, step: (step.match, step.range))
            if mismatch == nil || ContinuousClock.now > deadline { return reply }
            usleep(10_000)
        }
    }

    /// Follows the cursor from 0 to 0.
    private func scan(_ step: Recording.Step, on connection: Connection) throws -> Outcome {
        var cursor = "0"
        var seen: Set<Bytes> = []
        for _ in 0..<100_000 {
            let reply = try connection.call(arguments(step, cursor: cursor))
            guard let parts = reply.items, parts.count == 2, let next = parts[0].bytes, let items = parts[1].items
            else {
                return .reply(reply)
            }
            seen.formUnion(items.compactMap(\.bytes))
            cursor = next.latin1
            if cursor == "0" { return .items(seen.sorted { $0.precedes($1) }) }
        }
        return .reply(.error("the cursor never came back to 0"))
    }

    /// Repeats a command that answers [moved, left] until nothing is left; the sum of what was moved.
    private func drain(_ step: Recording.Step, on connection: Connection) throws -> Reply {
        var total = 0
        for _ in 0..<100_000 {
            let reply = try connection.call(arguments(step))
            guard let parts = reply.items, parts.count == 2, let moved = parts[0].integerValue,
                let left = parts[1].integerValue
            else { return reply }
            total += moved
            if left == 0 { return .integer(total) }
        }
        return .error("the slot never became empty")
    }
}
