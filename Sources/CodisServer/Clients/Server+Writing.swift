import Glibc
import Logging
import RESP

extension Server {
    /// Remembers that the client's replies are to be written at the end of the turn.
    @inline(__always)
    mutating func queueWrite(_ client: Client) {
        if client.state.flags.isDisjoint(with: [.isInWriteQueue, .waitsForWritable, .isClosed]) {
            client.state.flags.insert(.isInWriteQueue)
            writeQueue.append(client)
        } else if client.state.flags.contains(.waitsForWritable) {
            checkOutputLimit(client)
        }
    }

    /// Writes what the clients of this turn have to get, once each.
    mutating func writeReplies() {
        var index = 0
        while index < writeQueue.count {
            let client = writeQueue[index]
            client.state.flags.remove(.isInWriteQueue)
            if !client.state.flags.contains(.isClosed) { write(to: client) }
            index += 1
        }
        writeQueue.removeAll(keepingCapacity: true)
        disconnectCondemnedClients()
    }

    /// Writes as much as the socket takes, and waits for the poller to tell when it takes more.
    mutating func write(to client: Client) {
        let descriptor = client.state.descriptor
        do throws(SystemError) {
            while !client.reply.isEmpty {
                unsafe statistics.networkOutput += try client.state.reply.drain { runs throws(SystemError) in
                    try unsafe Socket.write(descriptor, runs)
                }
            }
            if client.state.flags.contains(.isReplica) { try writeStream(to: client) }
        } catch {
            guard error.wouldBlock else {
                logger.debug("Error writing to client: \(error.description)")
                return close(client)
            }
            client.state.flags.insert(.waitsForWritable)
            return checkOutputLimit(client)
        }
        client.state.lastInteraction = clock.seconds
        if client.state.flags.contains(.closesAfterReply) { return close(client) }
        client.state.flags.remove(.waitsForWritable)
    }
}
