import CLinux
import Glibc
import Logging
import Memory
import RESP

/// How clients come and go.
extension Server {
    /// Connections accepted in one turn for each listener, so that a storm of them does not keep others waiting.
    private static let acceptsPerTurn = 1000

    mutating func acceptClients(_ listener: Int32, isUnixSocket: Bool) {
        for _ in 0..<Self.acceptsPerTurn {
            do throws(SystemError) {
                guard let descriptor = try Socket.accept(listener) else { return }
                admit(descriptor, isUnixSocket: isUnixSocket)
            } catch {
                logger.warning("Accepting client connection: \(error.description)")
                return
            }
        }
    }

    private mutating func admit(_ descriptor: Int32, isUnixSocket: Bool) {
        guard clients.count < configuration.maxclients else {
            return refuse(descriptor, "-ERR max number of clients reached\r\n")
        }
        if isProtected, !isUnixSocket, !Socket.isLoopbackPeer(descriptor) {
            return refuse(descriptor, ProtectedMode.refusal)
        }
        if !isUnixSocket {
            Socket.setNoDelay(descriptor)
            if configuration.tcpKeepalive > 0 { Socket.setKeepAlive(descriptor, seconds: configuration.tcpKeepalive) }
        }
        lastClientID += 1
        let client = Client(
            ClientState(
                id: lastClientID, descriptor: descriptor, registration: lastRegistration &+ 1,
                isUnixSocket: isUnixSocket, now: clock.seconds, replyChunks: replyChunks))
        do throws(SystemError) {
            try register(descriptor, [.read, .write, .edges]) { .client(client, registration: $0) }
        } catch {
            logger.warning("Registering client: \(error.description)")
            Glibc.close(descriptor)
            client.destroy()
            return
        }
        clients[client.state.id] = client
        statistics.connectionsReceived += 1
        logger.debug("Accepted \(describe(client))")
    }

    /// Ends a connection before it begins. What does not fit into the socket's own buffer is not worth waiting for.
    private mutating func refuse(_ descriptor: Int32, _ reply: StaticString) {
        _ = unsafe send(descriptor, reply.utf8Start, reply.utf8CodeUnitCount, Int32(MSG_NOSIGNAL))
        Glibc.close(descriptor)
        statistics.rejectedConnections += 1
    }

    /// Ends a connection: nothing more is read or written. The state itself goes at the end of the turn.
    mutating func close(_ client: Client) {
        guard !client.state.flags.contains(.isClosed) else { return }
        client.state.flags.insert(.isClosed)
        unregister(client.state.descriptor)
        Glibc.close(client.state.descriptor)
        clients[client.state.id] = nil
        outputLimits.forget(client.state.id)
        if !libraries.isEmpty { libraries[client.state.id] = nil }
        if client.state.flags.contains(.waitsForReply) { blockedClients.remove(client.state.id) }
        if !migration.arrivals.isEmpty { endArrival(from: client.state.id) }
        if client.state.flags.contains(.isMonitor) { monitors.removeAll { $0 == client.state.id } }
        if let replica = client.state.replica { detach(replica) }
        if client.state.flags.contains(.waitsForReply) { replication.waiters.remove(client.state.id) }
        unwatchAll(client)
        if let subscriptions = client.state.subscriptions {
            pubSub.unsubscribeAll(client.state.id, subscriptions)
            client.state.subscriptions = nil
        }
        closedClients.append(client)
    }

    mutating func endClosedClients() {
        while let client = closedClients.popLast() {
            // A client may have been put into a queue before it was closed.
            if client.state.flags.contains(.isInWriteQueue) { writeQueue.removeAll { $0 == client } }
            if client.state.flags.contains(.isInReadQueue) { readQueue.removeAll { $0 == client } }
            if client.state.flags.contains(.isInResumeQueue) { resumeQueue.removeAll { $0 == client } }
            client.destroy()
        }
    }

    mutating func closeIdleClients() {
        guard configuration.timeout > 0 else { return }
        for (_, client) in clients {
            let idle = clock.seconds - client.state.lastInteraction
            let isExempt = !client.state.flags.isDisjoint(
                with: [.isMonitor, .isSubscribed, .isReplica, .waitsForReply, .waitsForPin])
            if idle > configuration.timeout, !isExempt {
                logger.debug("Closing idle client")
                close(client)
            }
        }
    }

    // MARK: Waiting and going on

    /// The client waited for something that has come: its next requests are executed in this turn.
    mutating func resume(_ client: Client) {
        client.state.flags.subtract([.waitsForReply, .waitsForPin])
        if !client.reply.isEmpty { queueWrite(client) }
        tryAgain(client)
    }

    /// The requests that a client has at hand are executed in this turn, if it is not suspended.
    mutating func tryAgain(_ client: Client) {
        guard !client.state.isSuspended, !client.state.flags.contains(.isInResumeQueue), !client.state.input.isEmpty
        else { return }
        client.state.flags.insert(.isInResumeQueue)
        resumeQueue.append(client)
    }

    mutating func serveResumedClients() {
        guard !resumeQueue.isEmpty else { return }
        // Clients that are resumed meanwhile wait for the next call: one turn is not to last for ever.
        let queue = resumeQueue
        resumeQueue.removeAll(keepingCapacity: true)
        for client in queue {
            client.state.flags.remove(.isInResumeQueue)
            if client.state.flags.contains(.isClosed) { continue }
            executeInput(of: client)
            if !client.reply.isEmpty { queueWrite(client) }
        }
    }
}
