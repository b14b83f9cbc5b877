import Memory
import SlotStorage

/// A key that a client watches.
struct WatchedKey: Hashable {
    let database: Int
    let bytes: [UInt8]
}

/// Who watches which keys. A change of any key asks ``isEmpty``, so that nobody pays for what nobody uses.
struct Watchers {
    /// Clients by identifier.
    private var clients: [WatchedKey: [UInt64]] = [:]

    var isEmpty: Bool { clients.isEmpty }

    mutating func add(_ client: UInt64, to key: WatchedKey) { clients[key, default: []].append(client) }

    mutating func remove(_ client: UInt64, from key: WatchedKey) {
        guard var rest = clients.removeValue(forKey: key) else { return }
        rest.removeAll { $0 == client }
        if !rest.isEmpty { clients[key] = rest }
    }

    /// Who watches a key.
    func clients(of key: WatchedKey) -> [UInt64] { clients[key] ?? [] }

    /// Every key that somebody watches, with those who do.
    func forEach(_ visit: (WatchedKey, [UInt64]) -> Void) {
        for (key, watching) in clients { visit(key, watching) }
    }
}

extension Server {
    /// A watched key was changed: the transactions that rely on it have failed.
    mutating func touch(_ key: RawSpan, in database: Int) {
        if watchers.isEmpty { return }
        outdate(watchers.clients(of: WatchedKey(database: database, bytes: key.array)))
    }

    /// Keys are about to go without each being told: as ``touch(_:in:)`` for those that are watched, are there, and are
    /// in the database (any, with `nil`) and in the slot (any, with `nil`).
    mutating func touchAll(in database: Int?, slot: Int? = nil) {
        if watchers.isEmpty { return }
        var touched: [UInt64] = []
        watchers.forEach { key, clients in
            if let database, key.database != database { return }
            if let slot, SlotTag(of: key.bytes.bytes).slot != slot { return }
            if keyspace[key.database].find(key.bytes.bytes) != nil { touched += clients }
        }
        outdate(touched)
    }

    private func outdate(_ identifiers: [UInt64]) {
        for identifier in identifiers { clients[identifier]?.state.transaction?.isOutdated = true }
    }

    /// The client watches nothing any more.
    mutating func unwatchAll(_ client: Client) {
        guard let transaction = client.state.transaction else { return }
        for key in transaction.watchedKeys { watchers.remove(client.state.id, from: key) }
        transaction.unwatch()
        if transaction.isEmpty { client.state.transaction = nil }
    }
}
