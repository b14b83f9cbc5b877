import Glibc
import Logging
import Memory
import RESP

extension Server {
    /// A client whose unread or unfinished requests grow beyond this is closed, as in Redis 2.8.
    private static let longestInput = 1 << 30
    /// An input buffer over this size is given back as soon as it is empty.
    private static let keptInput = 32 * 1024

    /// Reads once from a client that has something to say, and executes what is complete.
    mutating func read(from client: Client) {
        if client.state.flags.contains(.waitsForMemory) { return readAgain(client) }
        client.state.lastInteraction = clock.seconds
        snapshot.lastTraffic = clock.monotonic
        if client.state.input.isEmpty, !client.state.isSuspended {
            // A copy of the handle: the server itself must be free to change while the bytes are looked at.
            let area = readArea
            guard let count = unsafe receive(client, into: area.target) else { return }
            if count == ReadArea.size || client.state.flags.contains(.isEnding) { readAgain(client) }
            let bytes = area.bytes(count)
            let consumed = execute(bytes, of: client)
            if consumed < count, !client.state.flags.contains(.closesAfterReply) {
                client.state.input.append(bytes.extracting(consumed..<count))
            }
        } else {
            let room = min(max(client.state.parser.missing - client.state.input.count, 16 * 1024), 4 << 20)
            let descriptor = client.state.descriptor
            var failure: SystemError?
            let count = unsafe client.state.input.append(upTo: room) { target in
                do throws(SystemError) {
                    return try unsafe Socket.read(descriptor, into: target)
                } catch {
                    failure = error
                    return 0
                }
            }
            guard check(client, read: count, failure) else { return }
            if count == room || client.state.flags.contains(.isEnding) { readAgain(client) }
            if client.state.input.count > Self.longestInput {
                logger.warning("Closing client that reached max query buffer length: \(describe(client))")
                return close(client)
            }
            executeInput(of: client)
        }
        if !client.reply.isEmpty { queueWrite(client) }
    }

    /// The socket may hold more than was read, and the poller tells of new bytes alone: it is read again in the next
    /// turn.
    mutating func readAgain(_ client: Client) {
        guard !client.state.flags.contains(.isInReadQueue) else { return }
        client.state.flags.insert(.isInReadQueue)
        readQueue.append(client)
    }

    /// Reads on where the last turn stopped. `caller`, whose script runs, has its turn when that is over.
    mutating func serveReadQueue(puttingOff caller: Client? = nil) {
        if readQueue.isEmpty, readingQueue.isEmpty { return }
        // There are some already when one of them has called a script that takes long.
        readingQueue.insert(contentsOf: readQueue.reversed(), at: 0)
        readQueue.removeAll(keepingCapacity: true)
        while let client = readingQueue.popLast() {
            if client == caller {
                readQueue.append(client)
                continue
            }
            client.state.flags.remove(.isInReadQueue)
            if !client.state.flags.contains(.isClosed) { read(from: client) }
        }
    }

    /// Executes the requests that lie in the client's own buffer.
    mutating func executeInput(of client: Client) {
        if client.state.isSuspended { return }
        client.state.flags.remove(.waitsForMemory)
        // Taken out, so that nobody can touch the bytes while a request looks at them.
        var input = ByteBuffer()
        swap(&input, &client.state.input)
        let consumed = execute(input.bytes, of: client)
        if client.state.flags.contains(.closesAfterReply) { return }
        input.removePrefix(consumed)
        if input.isEmpty, input.capacity > Self.keptInput || consumed > 0 { input.release() }
        swap(&input, &client.state.input)
    }

    /// Executes the requests at the front of `bytes`, and answers how many bytes they took.
    private mutating func execute(_ bytes: RawSpan, of client: Client) -> Int {
        var offset = 0
        while offset < bytes.byteCount, !client.state.isSuspended {
            let rest = bytes.extracting(offset..<bytes.byteCount)
            switch client.state.parser.parse(rest) {
            case .incomplete:
                return offset
            case .nothing(let length):
                offset += length
                // What a replica says while it loads a snapshot.
                client.state.replica?.lastHeard = clock.seconds
            case .request(let length):
                CrashReport.note(rest, length: length)
                guard execute(client.state.parser.request(in: rest), client) else {
                    // It waits for a pin, or for memory: the same bytes are parsed again when the client goes on.
                    client.state.parser.reset()
                    return offset
                }
                offset += length
            case .failure(let error):
                replyProtocolError(error, client)
                return bytes.byteCount
            }
        }
        return offset
    }

    private mutating func receive(_ client: Client, into target: UnsafeMutableRawBufferPointer) -> Int? {
        do throws(SystemError) {
            let count = try unsafe Socket.read(client.state.descriptor, into: target)
            return check(client, read: count, nil) ? count : nil
        } catch {
            return check(client, read: 0, error) ? 0 : nil
        }
    }

    /// Whether there is something to go on with; a client that has gone is closed.
    private mutating func check(_ client: Client, read count: Int, _ failure: SystemError?) -> Bool {
        if let failure {
            if failure.wouldBlock { return false }
            logger.debug("Reading from client: \(failure.description)")
            close(client)
            return false
        }
        if count == 0 {
            logger.debug("Client closed connection")
            close(client)
            return false
        }
        statistics.networkInput += count
        return true
    }

    private mutating func replyProtocolError(_ error: ProtocolError, _ client: Client) {
        switch error {
        case .tooBigInlineRequest: client.reply.append("-ERR Protocol error: too big inline request\r\n")
        case .unbalancedQuotes: client.reply.append("-ERR Protocol error: unbalanced quotes in request\r\n")
        case .tooBigMultibulkCount: client.reply.append("-ERR Protocol error: too big mbulk count string\r\n")
        case .invalidMultibulkLength: client.reply.append("-ERR Protocol error: invalid multibulk length\r\n")
        case .tooBigBulkCount: client.reply.append("-ERR Protocol error: too big bulk count string\r\n")
        case .invalidBulkLength: client.reply.append("-ERR Protocol error: invalid bulk length\r\n")
        case .expectedBulk(let byte):
            client.reply.append("-ERR Protocol error: expected '$', got '")
            client.reply.append(byte == 13 || byte == 10 ? 32 : byte)
            client.reply.append("'\r\n")
        }
        client.state.flags.insert(.closesAfterReply)
        client.state.input.release()
    }
}
