import Glibc
import Logging
import Memory
import RESP
import SlotStorage

/// The way to the master: connecting, greeting, asking for the stream, and starting over.
extension Server {
    /// The longest line that a master may answer to a greeting.
    private static let longestLine = 64 * 1024

    /// Every second: attempts that are due, silence, and a sign of life for the master.
    mutating func tendMasterLink() {
        guard let link = replication.master else { return }
        if link.phase == .waiting {
            if clock.seconds >= link.nextAttempt { open(link) }
            return
        }
        if clock.seconds - link.lastHeard > configuration.replTimeout { return timeOut(link) }
        switch link.phase {
        case .online: acknowledgeStream(link)
        case .receivingSnapshot:
            // Nothing is due, but a line that says nothing shows that somebody is here.
            link.output.append("\n")
            flush(link)
        default: break
        }
    }

    private mutating func timeOut(_ link: MasterLink) {
        switch link.phase {
        case .online: lose(link, "MASTER timeout: no data nor PING received...")
        case .awaitingSnapshot, .receivingSnapshot:
            lose(
                link,
                """
                Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' \
                parameter in redis.conf to a larger value.
                """)
        default: lose(link, "Timeout connecting to the MASTER...")
        }
    }

    // MARK: Connecting

    /// Begins an attempt.
    mutating func open(_ link: MasterLink) {
        logger.notice("Connecting to MASTER \(link.address.host):\(link.address.port)")
        link.lastHeard = clock.seconds
        link.phase = .resolving
        do throws(AddressText.ResolveError) {
            link.addresses = try AddressText.resolve(
                host: link.address.host, port: link.address.port, numericOnly: true)
            connect(link)
        } catch {
            helper.submit(.resolveMaster(link: link.number, host: link.address.host, port: link.address.port))
        }
    }

    mutating func masterResolved(_ number: Int, _ result: Result<[Socket.Address], AddressText.ResolveError>) {
        guard let link = replication.master, link.number == number, link.phase == .resolving else { return }
        switch result {
        case .success(let addresses):
            link.addresses = addresses
            connect(link)
        case .failure(let error):
            lose(link, "Unable to connect to MASTER: \(error.description)")
        }
    }

    private mutating func connect(_ link: MasterLink) {
        var failure = "the host has no address"
        while !link.addresses.isEmpty {
            let address = link.addresses.removeFirst()
            do throws(SystemError) {
                link.descriptor = try Socket.connect(to: address)
                link.registration = lastRegistration &+ 1
                link.phase = .connecting
                let number = link.number
                try register(link.descriptor, .write) { .master(number, registration: $0) }
                return
            } catch {
                failure = error.description
                disconnect(link)
            }
        }
        lose(link, "Unable to connect to MASTER: \(failure)")
    }

    mutating func handleMasterLink(_ number: Int, _ event: Poller.Event) {
        guard let link = replication.master, link.number == number else { return }
        if link.phase == .connecting {
            if event.isWritable { connected(link) }
            return
        }
        if event.isWritable, link.waitsForWritable { flush(link) }
        if event.isReadable, link.descriptor >= 0 { receive(link) }
    }

    private mutating func connected(_ link: MasterLink) {
        if let error = Socket.connectResult(link.descriptor) {
            disconnect(link)
            if !link.addresses.isEmpty { return connect(link) }
            return lose(link, "Error condition on socket for SYNC: \(error.description)")
        }
        Socket.setNoDelay(link.descriptor, true)
        try? poller.change(link.descriptor, registration: link.registration, .read)
        link.lastHeard = clock.seconds
        link.handsOver = false
        logger.notice("Non blocking connect for SYNC fired the event.")
        greet(link, .ping)
    }

    // MARK: Greeting

    /// Sends a word of the greeting.
    private mutating func greet(_ link: MasterLink, _ greeting: MasterLink.Greeting) {
        link.phase = .greeting(greeting)
        switch greeting {
        case .ping: tell(link, "PING")
        case .auth:
            if configuration.masterauth.isEmpty { return greet(link, .port) }
            link.output.array(2)
            link.output.bulk("AUTH")
            link.output.bulk(configuration.masterauth)
            flush(link)
        case .port: tell(link, "REPLCONF", "listening-port", String(configuration.port))
        case .abilities: tell(link, "REPLCONF", "capa", "eof", "capa", "psync2")
        case .handover: tell(link, "REPLCONF", "handover", "?")
        case .psync:
            if link.canContinue {
                logger.notice(
                    "Trying a partial resynchronization (request \(replication.id):\(replication.offset + 1)).")
                tell(link, "PSYNC", replication.id.description, String(replication.offset + 1))
            } else {
                logger.notice("Partial resynchronization not possible (no cached master)")
                tell(link, "PSYNC", "?", "-1")
            }
        case .sync:
            link.announcedID = nil
            link.phase = .awaitingSnapshot
            tell(link, "SYNC")
        }
    }

    /// Takes the answer to a word of the greeting, and says the next.
    private mutating func answer(_ link: MasterLink, _ greeting: MasterLink.Greeting, _ line: String) {
        let isError = line.hasPrefix("-")
        switch greeting {
        case .ping:
            // A master with a password does not like to be asked before, and answers it in its own words.
            let mayGoOn = ["+", "-NOAUTH", "-NOPERM", "-ERR operation not permitted"].contains { line.hasPrefix($0) }
            guard mayGoOn else { return lose(link, "Error reply to PING from master: '\(line)'") }
            if !isError { logger.notice("Master replied to PING, replication can continue...") }
            greet(link, .auth)
        case .auth:
            if isError { return lose(link, "Unable to AUTH to MASTER: \(line)") }
            greet(link, .port)
        case .port:
            if isError { logger.notice("(Non critical) Master does not understand REPLCONF listening-port: \(line)") }
            greet(link, .abilities)
        case .abilities:
            if isError { logger.notice("(Non critical) Master does not understand REPLCONF capa: \(line)") }
            greet(link, .handover)
        case .handover:
            link.handsOver = line == "+HANDOVER"
            greet(link, .psync)
        case .psync: answerPsync(link, line)
        case .sync: break
        }
    }

    private mutating func answerPsync(_ link: MasterLink, _ line: String) {
        let words = line.split(separator: " ")
        switch words.first {
        case "+FULLRESYNC":
            guard words.count >= 3, let id = ReplicationID(Array(words[1].utf8).bytes), let offset = Int64(words[2]),
                offset >= 0
            else { return lose(link, "Master replied with wrong +FULLRESYNC syntax: '\(line)'") }
            logger.notice("Full resync from master: \(id):\(offset)")
            link.announcedID = id
            link.announcedOffset = offset
            link.phase = .awaitingSnapshot
        case "+CONTINUE":
            guard link.canContinue else {
                return lose(link, "Master continues what nobody began: '\(line)'")
            }
            var newID: ReplicationID?
            if words.count > 1 {
                newID = ReplicationID(Array(words[1].utf8).bytes)
                if newID == nil { return lose(link, "Master replied with wrong +CONTINUE syntax: '\(line)'") }
            }
            logger.notice("Successful partial resynchronization with master.")
            followRenamedStream(newID)
            beginStream(link)
        default:
            if line.hasPrefix("-NOMASTERLINK") || line.hasPrefix("-LOADING") {
                return lose(link, "Master is currently unable to PSYNC but should be in the future: \(line)")
            }
            guard line.hasPrefix("-ERR") else {
                return lose(link, "Unexpected reply to PSYNC from master: '\(line)'")
            }
            logger.notice("Master does not support PSYNC or is in error state (reply: \(line)): retrying with SYNC...")
            greet(link, .sync)
        }
    }

    /// The master's stream goes on under another name: what replicas of this server know is the previous one.
    private mutating func followRenamedStream(_ id: ReplicationID?) {
        guard let id, id != replication.id else { return }
        replication.previousID = replication.id
        replication.previousIDEnd = replication.offset
        replication.id = id
        logger.notice("Master replication ID changed to \(id)")
        disconnectReplicas()
    }

    // MARK: Bytes

    private mutating func tell(_ link: MasterLink, _ words: String...) {
        link.output.array(words.count)
        for word in words { link.output.bulk(word) }
        flush(link)
    }

    mutating func flush(_ link: MasterLink) {
        do throws(SystemError) {
            while !link.output.isEmpty {
                let descriptor = link.descriptor
                _ = unsafe try link.output.drain { runs throws(SystemError) in try unsafe Socket.write(descriptor, runs)
                }
            }
        } catch {
            guard error.wouldBlock else { return lose(link, "Error writing to MASTER: \(error.description)") }
            guard !link.waitsForWritable else { return }
            link.waitsForWritable = true
            try? poller.change(link.descriptor, registration: link.registration, [.read, .write])
            return
        }
        guard link.waitsForWritable else { return }
        link.waitsForWritable = false
        try? poller.change(link.descriptor, registration: link.registration, .read)
    }

    private mutating func receive(_ link: MasterLink) {
        if link.phase == .receivingSnapshot { return receiveSnapshot(link) }
        let descriptor = link.descriptor
        let room = min(max(64 * 1024, (link.client?.state.parser.missing ?? 0) - link.input.count), 4 << 20)
        var failure: SystemError?
        let count = unsafe link.input.append(upTo: room) { target in
            do throws(SystemError) {
                return try unsafe Socket.read(descriptor, into: target)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure, failure.wouldBlock { return }
        if count == 0 {
            return lose(link, "Connection with master lost: \(failure?.description ?? "closed by the master").")
        }
        link.lastHeard = clock.seconds
        statistics.networkInput += count
        if link.phase == .online { executeStream(link) } else { readLines(link) }
    }

    private mutating func readLines(_ link: MasterLink) {
        while link.descriptor >= 0 {
            let isExpected: Bool
            switch link.phase {
            case .greeting, .awaitingSnapshot: isExpected = true
            default: isExpected = false
            }
            guard isExpected, let line = link.input.takeLine() else { break }
            // Empty lines keep the connection alive while the master is busy.
            if line.isEmpty { continue }
            let text = String(decoding: line, as: UTF8.self)
            if case .greeting(let greeting) = link.phase {
                answer(link, greeting, text)
            } else {
                beginSnapshot(link, text)
            }
        }
        guard link.descriptor >= 0 else { return }
        switch link.phase {
        case .online: executeStream(link)
        case .receivingSnapshot: receiveSnapshot(link)
        default:
            if link.input.count > Self.longestLine { lose(link, "MASTER answers a line without end") }
        }
    }

    // MARK: The end

    /// The attempt, or the connection, has failed: says why, and tries again in a second. The data set stays.
    mutating func lose(_ link: MasterLink, _ reason: String) {
        logger.warning("\(reason)")
        if link.isOnline { link.downSince = clock.seconds }
        disconnect(link)
        link.phase = .waiting
        link.nextAttempt = clock.seconds + 1
    }

    /// Closes the connection and forgets what was begun on it.
    mutating func disconnect(_ link: MasterLink) {
        if link.descriptor >= 0 {
            unregister(link.descriptor)
            Glibc.close(link.descriptor)
            link.descriptor = -1
        }
        link.waitsForWritable = false
        link.output.removeAll()
        link.input.release()
        link.executed = 0
        if let loader = link.loader.take() { free(loader.abandon()) }
        link.hasMoreToLoad = false
        link.isHeldBack = false
        link.failure = nil
        if let client = link.client {
            link.client = nil
            endMasterClient(client)
        }
    }
}

extension ByteBuffer {
    /// The first line, without its end, taken out; `nil` as long as no line is complete.
    fileprivate mutating func takeLine() -> [UInt8]? {
        guard let newline = bytes.firstIndex(of: 10) else { return nil }
        let end = newline > 0 && bytes[newline - 1] == 13 ? newline - 1 : newline
        let line = bytes.extracting(0..<end).array
        removePrefix(newline + 1)
        return line
    }
}
