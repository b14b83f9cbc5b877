import Memory
import SlotStorage

/// The clients that wait for an element of a list: BLPOP, BRPOP, BRPOPLPUSH.
///
/// For each key, they stand in the order in which they came. A change of a key that somebody waits for makes the key
/// *ready*; when the command, or the transaction, that changed it is over, `Server.serveBlockedClients` gives out what
/// lists there are then. This structure knows nothing of lists.
struct BlockedClients {
    /// What a client waits for.
    struct Wait {
        let client: UInt64
        let database: Int
        /// Each once.
        let keys: [[UInt8]]
        /// Where elements are taken from.
        let end: ListEnd
        /// The list that BRPOPLPUSH pushes to.
        let target: [UInt8]?
        /// Nanoseconds of `Clock.monotonic`; `nil` to wait without end.
        let deadline: Int64?
    }

    /// Who waits for one key.
    private struct Queue {
        let database: Int
        let key: [UInt8]
        var clients: [UInt64]
        var isReady = false
    }

    /// A key that may have elements.
    struct ReadyKey {
        let database: Int
        let key: [UInt8]
    }

    private var waits: [UInt64: Wait] = [:]
    /// By hash of the key, so that a changed key can be looked up without a copy.
    private var queues: [Int: [Queue]] = [:]
    private var readyKeys: [ReadyKey] = []
    private(set) var deadlines = Deadlines()

    var isEmpty: Bool { waits.isEmpty }

    var count: Int { waits.count }

    /// Everybody who waits, in no order.
    var all: [UInt64] { Array(waits.keys) }

    var hasReadyKeys: Bool { !readyKeys.isEmpty }

    // MARK: Coming and going

    /// Puts a client at the end of the queues of its keys.
    mutating func add(_ wait: Wait) {
        waits[wait.client] = wait
        for key in wait.keys {
            let hash = Self.hash(key.bytes)
            if let index = index(of: key.bytes, hash, in: wait.database) {
                queues[hash, default: []][index].clients.append(wait.client)
            } else {
                queues[hash, default: []].append(Queue(database: wait.database, key: key, clients: [wait.client]))
            }
        }
        if let time = wait.deadline {
            // Most clients are served long before their time: what they leave in the heap must not pile up.
            if deadlines.count >= 2 * waits.count + 64 {
                let waits = waits
                deadlines.compact { waits[$0.client]?.deadline == $0.time }
            }
            deadlines.add(Deadlines.Deadline(time: time, client: wait.client))
        }
    }

    /// Takes a client out of all queues; nothing happens when it is in none. O(keys of the client, and clients that
    /// wait for them).
    mutating func remove(_ client: UInt64) {
        guard let wait = waits.removeValue(forKey: client) else { return }
        for key in wait.keys {
            let hash = Self.hash(key.bytes)
            guard let index = index(of: key.bytes, hash, in: wait.database) else { continue }
            queues[hash, default: []][index].clients.removeFirst(client)
            guard queues[hash]?[index].clients.isEmpty ?? false else { continue }
            queues[hash]?.remove(at: index)
            if queues[hash]?.isEmpty ?? false { queues[hash] = nil }
        }
    }

    /// What a client waits for.
    func wait(of client: UInt64) -> Wait? { waits[client] }

    /// The client at a place in the queue of a key.
    func client(at place: Int, waitingFor key: RawSpan, in database: Int) -> UInt64? {
        let hash = Self.hash(key)
        guard let index = index(of: key, hash, in: database), let queue = queues[hash]?[index],
            place < queue.clients.count
        else { return nil }
        return queue.clients[place]
    }

    // MARK: Ready keys

    /// A key has changed: it is ready if somebody waits for it. Allocates nothing if nobody does.
    mutating func noteChange(of key: RawSpan, in database: Int) {
        let hash = Self.hash(key)
        guard let index = index(of: key, hash, in: database), let queue = queues[hash]?[index], !queue.isReady else {
            return
        }
        queues[hash]?[index].isReady = true
        readyKeys.append(ReadyKey(database: database, key: queue.key))
    }

    /// The keys that got ready, in the order they did; from now on they may get ready again.
    mutating func takeReadyKeys() -> [ReadyKey] {
        let taken = readyKeys
        readyKeys = []
        for ready in taken {
            let hash = Self.hash(ready.key.bytes)
            if let index = index(of: ready.key.bytes, hash, in: ready.database) { queues[hash]?[index].isReady = false }
        }
        return taken
    }

    // MARK: Time

    /// Milliseconds the event loop may sleep: until somebody has waited long enough, or without end.
    func longestWait(from now: Int64) -> Int32 {
        guard let deadline = deadlines.earliest else { return .max }
        return Int32(clamping: (max(0, deadline.time - now) + 999_999) / 1_000_000)
    }

    /// A client whose time has passed at `now`, taken out of all queues.
    mutating func takeExpired(at now: Int64) -> UInt64? {
        while let deadline = deadlines.earliest, deadline.time <= now {
            deadlines.removeEarliest()
            guard waits[deadline.client]?.deadline == deadline.time else { continue }
            remove(deadline.client)
            return deadline.client
        }
        return nil
    }

    // MARK: Finding

    private static func hash(_ key: RawSpan) -> Int {
        var hasher = Hasher()
        key.hash(into: &hasher)
        return hasher.finalize()
    }

    private func index(of key: RawSpan, _ hash: Int, in database: Int) -> Int? {
        guard let candidates = queues[hash] else { return nil }
        for index in candidates.indices where candidates[index].database == database {
            let candidate = candidates[index].key
            if candidate.bytes.elementsEqual(key) { return index }
        }
        return nil
    }
}

extension [UInt64] {
    fileprivate mutating func removeFirst(_ client: UInt64) {
        if let index = firstIndex(of: client) { remove(at: index) }
    }
}
