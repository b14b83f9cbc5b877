import Memory
import RESP

/// The clients that wait until replicas have what they wrote: WAIT.
struct ReplicaWaiters {
    struct Wait {
        let client: UInt64
        let replicas: Int
        let offset: Int64
        /// Nanoseconds of `Clock.monotonic`; `nil` to wait without end.
        let deadline: Int64?
    }

    private var waits: [Wait] = []
    /// Whether replicas are to be asked at the end of this turn.
    var wantsAcknowledgements = false

    var isEmpty: Bool { waits.isEmpty }

    mutating func add(_ wait: Wait) {
        waits.append(wait)
        wantsAcknowledgements = true
    }

    mutating func remove(_ client: UInt64) { waits.removeAll { $0.client == client } }

    /// Those for whom `isOver` holds, taken out.
    mutating func take(where isOver: (Wait) -> Bool) -> [Wait] {
        let over = waits.filter(isOver)
        if !over.isEmpty { waits.removeAll(where: isOver) }
        return over
    }

    /// Milliseconds the event loop may sleep.
    func longestWait(from now: Int64) -> Int32 {
        guard let deadline = waits.compactMap(\.deadline).min() else { return .max }
        return Int32(clamping: (max(0, deadline - now) + 999_999) / 1_000_000)
    }
}

extension Server {
    /// How many replicas have acknowledged the stream up to an offset.
    func replicas(at offset: Int64) -> Int {
        replication.replicas.values.count { $0.isOnline && $0.acknowledgedOffset >= offset }
    }

    /// Answers those who have waited long enough, or for enough replicas.
    mutating func serveReplicaWaiters() {
        guard !replication.waiters.isEmpty else { return }
        let now = clock.monotonic
        let counts = replication.replicas.values.filter(\.isOnline).map(\.acknowledgedOffset)
        func reached(_ wait: ReplicaWaiters.Wait) -> Int { counts.count { $0 >= wait.offset } }
        let over = replication.waiters.take { reached($0) >= $0.replicas || $0.deadline.map { $0 <= now } ?? false }
        for wait in over {
            guard let client = clients[wait.client] else { continue }
            client.reply.integer(reached(wait))
            resume(client)
        }
    }
}
