import Logging
import Memory
import RESP

/// The conversation with the targets of asynchronous migrations: greeting, acknowledgements, the end.
extension Server {
    /// Milliseconds that connecting may take, less where the whole migration may.
    private static let connectTimeout = 100
    /// Milliseconds after which an unused connection is closed.
    private static let idleLimit: Int64 = 60_000

    /// The link of a database, to this target: the one it has, or a new one in its place.
    mutating func asyncLink(of database: Int, to target: MigrationTarget) -> AsyncLink {
        if let link = migration.asyncLinks[database] {
            if link.target == target { return link }
            interrupt(link, .replaced)
        }
        migration.lastLinkNumber += 1
        let link = AsyncLink(number: migration.lastLinkNumber, target: target, database: database, clock: clock)
        migration.asyncLinks[database] = link
        return link
    }

    /// There is no connection: an error of its own where none could be made in time, as with codis-server. A refusal
    /// counts as an end of the connection.
    mutating func failedToConnect(_ link: AsyncLink, _ failure: MigrationFailure) {
        if case .write = failure { return interrupt(link, .closed) }
        var reason = "io error or timeout (\(Self.connectTimeout))"
        if case .resolve(let text) = failure { reason = text }
        logger.warning(
            "slotsmgrt_async: create socket \(link.target.description) (DB=\(link.database)) failed, \(reason)")
        giveUp(link)
    }

    /// Tells the other end database and password, before the first key. Both are acknowledged as keys are.
    mutating func greet(_ link: AsyncLink) {
        logger.warning("slotsmgrt_async: create client \(link.target.description) (DB=\(link.database)) OK")
        link.hasGreeted = true
        if !configuration.requirepass.isEmpty {
            link.output.array(2)
            link.output.bulk("SLOTSRESTORE-ASYNC-AUTH")
            link.output.bulk(configuration.requirepass)
            link.unacknowledged.append(0)
        }
        link.output.array(2)
        link.output.bulk("SLOTSRESTORE-ASYNC-SELECT")
        link.output.bulk(decimal: Int64(link.database))
        link.unacknowledged.append(0)
    }

    // MARK: Acknowledgements

    /// Reads the acknowledgements that have come. Anything else ends the link, and is never answered (quirks Q2, Q4).
    mutating func readAcknowledgements(_ link: AsyncLink) {
        var input = ByteBuffer()
        swap(&input, &link.input)
        var offset = 0
        var failure: String?
        reading: while offset < input.count, failure == nil {
            let rest = input.bytes.extracting(offset..<input.count)
            switch link.parser.parse(rest) {
            case .incomplete:
                // An acknowledgement is short, whatever its text.
                if rest.byteCount > Self.longestAcknowledgement { failure = "an endless answer" }
                break reading
            case .nothing: failure = "an empty line"
            case .failure: failure = "no acknowledgement"
            case .request(let length):
                failure = take(Acknowledgement(link.parser.request(in: rest)), link)
                offset += length
            }
        }
        if let failure {
            logger.warning("slotsmgrt_async: \(failure)")
            return broken(link)
        }
        input.removePrefix(offset)
        swap(&input, &link.input)
        guard let batch = link.batch, !batch.isWaiting, !batch.isRemoving else { return }
        if batch.isWritten, link.unacknowledged.isEmpty {
            acknowledged(batch, link)
        } else if link.hasMoreToSend {
            markDirty(link)
        }
    }

    private static let longestAcknowledgement = 64 * 1024

    /// Takes one acknowledgement, or answers what is wrong with it.
    private func take(_ acknowledgement: Acknowledgement?, _ link: AsyncLink) -> String? {
        guard !link.unacknowledged.isEmpty else { return "an answer to nothing" }
        switch acknowledgement {
        case nil: return "an answer that is no acknowledgement"
        case .refused(let code, let text): return "ack[\(code)] \(text)"
        case .done:
            link.unacknowledged.removeFirst()
            link.lastAcknowledgement = clock.monotonic
            return nil
        }
    }

    // MARK: The end

    /// Ends the link and its batch, of which nothing has begun.
    private mutating func giveUp(_ link: AsyncLink) {
        remove(link)
        guard let batch = link.batch else { return }
        end(batch, of: link, "ERR create client to \(link.target.description) failed")
    }

    mutating func remove(_ link: AsyncLink) {
        disconnect(link)
        if migration.asyncLinks[link.database] === link { migration.asyncLinks[link.database] = nil }
        link.output.removeAll()
        link.unacknowledged.removeAll()
    }

    /// Ends links whose target is late, and those that nobody has used for long.
    mutating func checkAsyncDeadlines() {
        for link in Array(migration.asyncLinks.values) {
            guard let batch = link.batch else { continue }
            let elapsed = (clock.monotonic - link.lastAcknowledgement) / 1_000_000
            switch link.phase {
            case .resolving where elapsed > batch.limits.timeout,
                .connecting where elapsed > min(Self.connectTimeout, batch.limits.timeout):
                failedToConnect(link, .connect)
            case .ready where elapsed > batch.limits.timeout && !batch.isRemoving:
                interrupt(link, .timeout)
            case .resolving, .connecting, .ready: break
            }
        }
    }

    mutating func closeIdleAsyncLinks() {
        for link in Array(migration.asyncLinks.values) where link.batch == nil {
            if clock.milliseconds - link.lastUse > Self.idleLimit { interrupt(link, .idle) }
        }
    }

    func logUnlink(_ link: AsyncLink, _ reason: Interruption) {
        let left = link.batch.map { $0.keys.count - $0.keysWritten } ?? -1
        let elapsed = (clock.monotonic - link.lastAcknowledgement) / 1_000_000
        logger.warning(
            """
            slotsmgrt_async: unlink client \(link.target.description) (DB=\(link.database)): \
            sending_msgs = \(link.unacknowledged.count), batched_iter = \(left), \
            blocked_list = \(link.waiters.count), timeout = \(link.timeout)(ms), elapsed = \(elapsed)(ms) \
            (interrupted: \(reason.rawValue))
            """)
    }
}
