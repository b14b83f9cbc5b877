import Logging
import RESP

/// `client-output-buffer-limit`: clients that do not read what they get are disconnected before it fills the memory.
///
/// Looked at where replies could not be written at once: a client that reads its replies costs nothing here.
struct OutputLimits {
    /// Since when clients are over the soft limit of their class, seconds of `Clock.seconds`.
    private var overSoftSince: [UInt64: Int64] = [:]
    /// Clients that are to be disconnected at the end of the turn. Not at once: somebody may just walk a list of them.
    private var condemned: [UInt64] = []

    /// Whether a client with so many bytes of replies is too slow. To be asked again, at least every second, as long
    /// as replies wait.
    mutating func isOver(_ limit: OutputBufferLimit, client: UInt64, bytes: Int, now: Int64) -> Bool {
        if limit.hard > 0, bytes >= limit.hard { return true }
        guard limit.soft > 0, bytes >= limit.soft else {
            overSoftSince[client] = nil
            return false
        }
        let start = overSoftSince[client] ?? now
        overSoftSince[client] = start
        return now - start > Int64(limit.softSeconds)
    }

    mutating func condemn(_ client: UInt64) { condemned.append(client) }

    mutating func takeCondemned() -> [UInt64] {
        if condemned.isEmpty { return [] }
        defer { condemned = [] }
        return condemned
    }

    mutating func forget(_ client: UInt64) { if !overSoftSince.isEmpty { overSoftSince[client] = nil } }

    /// Clients that may be over their soft limit for too long though nothing new comes for them.
    var slowClients: [UInt64] { Array(overSoftSince.keys) }
}

extension Server {
    /// Replies wait for the client: disconnects it, at the end of the turn, if these are too many.
    mutating func checkOutputLimit(_ client: Client) {
        let limit = outputLimit(of: client)
        guard
            outputLimits.isOver(
                limit, client: client.state.id, bytes: client.reply.allocatedBytes + waitingBytes(of: client),
                now: clock.seconds)
        else { return }
        outputLimits.condemn(client.state.id)
    }

    private func outputLimit(of client: Client) -> OutputBufferLimit {
        // As in Redis 2.8, a client in MONITOR counts as a replica.
        if !client.state.flags.isDisjoint(with: [.isMonitor, .isReplica]) {
            return configuration.clientOutputBufferLimit.slave
        }
        if client.state.flags.contains(.isSubscribed) { return configuration.clientOutputBufferLimit.pubsub }
        return configuration.clientOutputBufferLimit.normal
    }

    mutating func disconnectCondemnedClients() {
        for id in outputLimits.takeCondemned() {
            guard let client = clients[id] else { continue }
            logger.warning(
                "Client \(describe(client)) scheduled to be closed ASAP for overcoming of output buffer limits.")
            close(client)
        }
    }

    /// Every second: clients that stay over their soft limit while nothing new comes for them.
    mutating func checkSlowClients() {
        for id in outputLimits.slowClients {
            guard let client = clients[id] else { continue }
            checkOutputLimit(client)
        }
    }
}
