import Memory
import SlotStorage

/// The large values that other servers are sending here piece by piece, one for each connection at most.
///
/// A value under way is pinned: readers see what has come, writers and clients that wait for elements of a list wait
/// until the last message, or until the connection ends (specification, quirk Q16: who takes elements from half a list
/// gets them twice). The connection itself is not kept waiting by what it sends.
struct Arrivals {
    struct Arrival {
        let sender: UInt64
        let database: Int
        let key: [UInt8]
    }

    private var arrivals: [Arrival] = []

    var isEmpty: Bool { arrivals.isEmpty }
    var count: Int { arrivals.count }

    mutating func add(_ arrival: Arrival) { arrivals.append(arrival) }

    /// What this connection is sending, taken out.
    mutating func take(from sender: UInt64) -> Arrival? {
        arrivals.firstIndex { $0.sender == sender }.map { arrivals.remove(at: $0) }
    }

    /// What is being sent under this key, by whom ever.
    func find(_ key: RawSpan, in database: Int) -> Arrival? {
        arrivals.first { $0.database == database && $0.key.bytes.elementsEqual(key) }
    }

    /// The first key of a database that is being sent and meant.
    func first(in database: Int, where isMeant: (RawSpan) -> Bool) -> [UInt8]? {
        arrivals.first { $0.database == database && isMeant($0.key.bytes) }?.key
    }

    /// What is being sent to this database, or to every one with `nil`.
    func senders(in database: Int?) -> [UInt64] {
        arrivals.filter { database == nil || $0.database == database }.map(\.sender)
    }

    /// What is being sent and nobody is to see any more.
    func senders(of isOver: (Arrival) -> Bool) -> [UInt64] { arrivals.filter(isOver).map(\.sender) }
}

extension Server {
    /// Pins a key whose value goes on to arrive from `client`, until ``endArrival(from:)``.
    ///
    /// Whoever replays a stream of commands, a replica or the loader of a file, is no client that could end.
    mutating func beginArrival(of entry: Entry, from client: Client, in database: Int) {
        guard clients[client.state.id] != nil else { return }
        pin(entry, in: database)
        migration.arrivals.add(
            Arrivals.Arrival(sender: client.state.id, database: database, key: entry.key.array))
    }

    /// Nothing more arrives from this connection under the key it sent last: writers of it go on.
    mutating func endArrival(from sender: UInt64) {
        guard let arrival = migration.arrivals.take(from: sender) else { return }
        guard let entry = keyspace[arrival.database].find(arrival.key.bytes) else {
            preconditionFailure("a pinned key is gone")
        }
        wake(unpin(entry, in: arrival.database))
    }

    /// Ends all arrivals in a database, or in all of them: it is about to be emptied.
    mutating func endArrivals(in database: Int?) {
        for sender in migration.arrivals.senders(in: database) { endArrival(from: sender) }
    }

    /// Ends those whose time to live has passed: their sender is connected and says nothing.
    mutating func endExpiredArrivals() {
        if migration.arrivals.isEmpty { return }
        let senders = migration.arrivals.senders { arrival in
            guard let expiry = keyspace[arrival.database].find(arrival.key.bytes)?.expiry else { return false }
            return expiry <= clock.milliseconds
        }
        for sender in senders { endArrival(from: sender) }
    }

    /// Whether a pinned key is kept from this client. Its own arrival is not: a client that turns to other commands has
    /// sent all it had.
    mutating func isKept(_ entry: Entry, in database: Int, from client: Client) -> Bool {
        guard let arrival = migration.arrivals.find(entry.key, in: database), arrival.sender == client.state.id else {
            return true
        }
        endArrival(from: client.state.id)
        return false
    }
}
