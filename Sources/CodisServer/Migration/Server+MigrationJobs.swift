import Logging
import Memory
import RESP
import SlotStorage

/// The steps of a migration job: wait for the link, pin the keys, send them, end.
extension Server {
    /// Serialised bytes that a link may hold; more is made when these have gone out.
    private static let outputLimit = 256 * 1024

    /// Gives a job to the link of its target. Its caller waits from now on.
    mutating func submit(_ job: MigrationJob, to target: MigrationTarget) {
        let link = migrationLink(to: target)
        link.lastUse = clock.milliseconds
        link.waiting.append(job)
        if link.phase == .ready { advance(link) } else { open(link) }
    }

    /// Starts the jobs that can be started now.
    mutating func advance(_ link: MigrationLink) {
        while link.phase == .ready, link.isAuthenticated, let job = link.waiting.first {
            if link.selectedDatabase != job.targetDatabase {
                // What is under way is for another database; what follows waits for the answer to SELECT.
                guard link.expectations.isEmpty, link.feeding.isEmpty else { return }
                link.output.array(2)
                link.output.bulk("SELECT")
                link.output.bulk(String(job.targetDatabase))
                link.expectations.append(.select(job.targetDatabase))
                link.hasAnswered = false
                return markDirty(link)
            }
            guard !isSelf(link) else {
                logger.warning("slotsmgrt: target \(link.target.description) is this server itself")
                return fail(link, .read)
            }
            link.waiting.removeFirst()
            begin(job, on: link)
        }
        if link.isRetired, link.activeJobs.isEmpty { remove(link) }
    }

    /// Looks up and pins the keys of a job and puts it into the queue for sending. A job whose keys are under way with
    /// another waits for that one; a job without keys ends with 0.
    mutating func begin(_ job: MigrationJob, on link: MigrationLink) {
        // Who waits to empty the database is not to be overtaken for ever.
        if migration.pins.hasClientWaitingForNone(in: job.database) {
            return migration.pins.wait(.job(job, link), untilNoPinsIn: job.database)
        }
        switch keys(of: job) {
        case .none:
            finish(job, moved: 0)
        case .pinned(let key):
            migration.pins.wait(.job(job, link), for: key, in: job.database)
        case .allPinned:
            migration.pins.wait(.job(job, link), untilNoPinsIn: job.database)
        case .keys(let keys):
            for key in keys {
                guard let entry = keyspace[job.database].find(key.bytes) else { preconditionFailure("a key is gone") }
                pin(entry, in: job.database)
            }
            job.keys = keys
            job.serialised = 0
            job.repliesExpected = 0
            job.answered = 0
            job.accepted = []
            job.stepBegan = clock.monotonic
            link.hasAnswered = false
            link.feeding.append(job)
            markDirty(link)
        }
    }

    // MARK: Choosing keys

    private enum Choice {
        case none
        case keys([[UInt8]])
        /// This key is on its way with another job.
        case pinned([UInt8])
        /// Every key of the slot is.
        case allPinned
    }

    private mutating func keys(of job: MigrationJob) -> Choice {
        switch job.subject {
        case .key(let key): return choose(key, in: job.database)
        case .keys(let keys): return choose(keys, in: job.database)
        case .tagGroup(let key):
            let tag = SlotTag(of: key.bytes)
            return tag.isTagged ? chooseGroup(tag.crc, in: job.database) : choose(key, in: job.database)
        case .anyKey(let slot):
            return chooseAny(slot, in: job.database)
        case .anyTagGroup(let slot):
            guard case .keys(let keys) = chooseAny(slot, in: job.database), let key = keys.first else {
                return keyspace[job.database].count(inSlot: slot) == 0 ? .none : .allPinned
            }
            let tag = SlotTag(of: key.bytes)
            return tag.isTagged ? chooseGroup(tag.crc, in: job.database) : .keys(keys)
        }
    }

    private mutating func choose(_ key: [UInt8], in database: Int) -> Choice {
        guard let entry = keyspace[database].find(key.bytes) else { return .none }
        if isUnderWay(entry) { return .pinned(key) }
        return isExpired(entry, in: database) ? .none : .keys([key])
    }

    private mutating func choose(_ keys: [[UInt8]], in database: Int) -> Choice {
        var found: [[UInt8]] = []
        for key in keys {
            switch choose(key, in: database) {
            case .keys: found.append(key)
            case .pinned: return .pinned(key)
            case .none, .allPinned: break
            }
        }
        return found.isEmpty ? .none : .keys(found)
    }

    private mutating func chooseGroup(_ crc: UInt32, in database: Int) -> Choice {
        var keys: [[UInt8]] = []
        var expired: [[UInt8]] = []
        for entry in keyspace[database].tagGroup(crc) {
            if isUnderWay(entry) { return .pinned(entry.key.array) }
            let isGone = entry.expiry.map { $0 <= clock.milliseconds } ?? false
            if isGone { expired.append(entry.key.array) } else { keys.append(entry.key.array) }
        }
        for key in expired {
            if let entry = keyspace[database].find(key.bytes) { removeExpired(entry, in: database) }
        }
        return keys.isEmpty ? .none : .keys(keys)
    }

    /// Any key of the slot that is not pinned; expired ones met on the way are removed.
    private mutating func chooseAny(_ slot: Int, in database: Int) -> Choice {
        // While few keys are pinned, chance finds one that is not; after that a look at all decides.
        for _ in 0..<8 {
            guard let entry = randomEntry(inSlot: slot, of: database) else { return .none }
            if isUnderWay(entry) { continue }
            let key = entry.key.array
            if !isExpired(entry, in: database) { return .keys([key]) }
        }
        var found: [UInt8]?
        var cursor: UInt64 = 0
        repeat {
            cursor = keyspace[database].scan(slot: slot, cursor: cursor) { entry in
                let isGone = entry.expiry.map { $0 <= clock.milliseconds } ?? false
                if found == nil, !entry.isPinned, !isGone { found = entry.key.array }
            }
        } while cursor != 0 && found == nil
        if let found { return .keys([found]) }
        return migration.pins.count(in: database) > 0 ? .allPinned : .none
    }

    // MARK: Sending

    /// Serialises keys of the link's jobs, in order, until its output is full.
    mutating func feed(_ link: MigrationLink) {
        while let job = link.feeding.first {
            while job.serialised < job.keys.count {
                if link.output.allocatedBytes >= Self.outputLimit { return }
                serialiseNext(job, on: link)
            }
            job.stepBegan = clock.monotonic
            link.feeding.removeFirst()
        }
    }

    private mutating func serialiseNext(_ job: MigrationJob, on link: MigrationLink) {
        if job.serialised % job.keysPerCommand == 0 {
            let keys = min(job.keysPerCommand, job.keys.count - job.serialised)
            switch job.form {
            case .slotsRestore:
                link.output.array(1 + 3 * keys)
                link.output.bulk("SLOTSRESTORE")
            case .restore(_, let replaces):
                link.output.array(replaces ? 5 : 4)
                link.output.bulk("RESTORE")
            }
            link.expectations.append(.keys(job))
            job.repliesExpected += 1
        }
        let key = job.keys[job.serialised]
        guard let entry = keyspace[job.database].find(key.bytes) else { preconditionFailure("a pinned key is gone") }
        let ttl = entry.expiry.map { max(1, $0 - clock.milliseconds) } ?? 0
        migration.writer.compresses = configuration.rdbcompression
        migration.writer.removeAll()
        ValuePayload.write(entry, to: &migration.writer)
        link.output.bulk(key.bytes)
        link.output.bulk(decimal: ttl)
        link.output.bulk(migration.writer.output.bytes)
        if case .restore(_, true) = job.form { link.output.bulk("REPLACE") }
        job.serialised += 1
    }

    // MARK: Ending

    /// The target's answer to one command of a job.
    mutating func answer(_ job: MigrationJob, _ line: [UInt8], on link: MigrationLink) {
        job.repliesExpected -= 1
        let isRefusal = line.first == UInt8(ascii: "-")
        if isRefusal, job.refusal == nil { job.refusal = String(decoding: line.dropFirst(), as: UTF8.self) }
        if case .restore = job.form, job.answered < job.keys.count {
            if !isRefusal { job.accepted.append(job.keys[job.answered]) }
            job.answered += 1
        }
        let isComplete = job.repliesExpected == 0 && job.serialised == job.keys.count
        guard isComplete, !job.isEnded else {
            if link.isRetired, link.activeJobs.isEmpty { remove(link) }
            return
        }
        if let refusal = job.refusal {
            logger.warning(
                "slotsmgrt: migration failed, reading from target \(link.target.description): \(describe(job)), response = '\(refusal)'"
            )
            retire(link)
            return end(job, .refused(refusal))
        }
        link.hasServed = true
        logger.debug("slotsmgrt: migrate to \(link.target.description), \(describe(job))")
        let keys = job.keys
        let waiters = unpin(job)
        if case .restore(copies: true, _) = job.form {} else { removeMoved(keys, from: job.database) }
        finish(job, moved: keys.count)
        wake(waiters)
    }

    private mutating func removeMoved(_ keys: [[UInt8]], from database: Int) {
        for key in keys {
            keyspace[database].remove(key.bytes)
            propagateRemoval(of: key.bytes, in: database)
            changed(key.bytes, in: database)
        }
    }

    /// Replies success to the caller.
    mutating func finish(_ job: MigrationJob, moved: Int) {
        reply(to: job) { server, reply in
            if case .restore = job.form {
                if moved > 0 { reply.ok() } else { reply.append("+NOKEY\r\n") }
            } else if let slot = job.slot {
                reply.array(2)
                reply.integer(moved)
                reply.integer(server.keyspace[job.database].count(inSlot: slot))
            } else {
                reply.integer(moved)
            }
        }
    }

    /// Replies an error to the caller; the keys stay here, but for those of a MIGRATE that the target has taken.
    mutating func end(_ job: MigrationJob, _ failure: MigrationFailure) {
        let waiters = unpin(job)
        if case .restore(copies: false, _) = job.form { removeMoved(job.accepted, from: job.database) }
        job.accepted = []
        reply(to: job) { _, reply in reply.error(failure.reply(to: job.form)) }
        wake(waiters)
    }

    /// Takes the pins away so that the job can begin anew.
    mutating func release(_ job: MigrationJob) {
        let waiters = unpin(job)
        wake(waiters)
    }

    private mutating func reply(
        to job: MigrationJob, _ write: (borrowing Server, inout ReplyBuffer) -> Void
    ) {
        guard !job.isEnded else { return }
        job.isEnded = true
        migration.activeJobs -= 1
        guard let client = clients[job.caller] else { return }
        replyLate(to: client) { server in write(server, &client.state.reply) }
        resume(client)
    }

    private mutating func unpin(_ job: MigrationJob) -> [Pins.Waiter] {
        var waiters: [Pins.Waiter] = []
        for key in job.keys {
            guard let entry = keyspace[job.database].find(key.bytes) else {
                preconditionFailure("a pinned key is gone")
            }
            waiters += unpin(entry, in: job.database)
        }
        job.keys = []
        return waiters
    }

    // MARK: Deadlines

    /// Ends the jobs that took too long over a step. What still comes for them is for nobody, and their link takes no
    /// more jobs.
    mutating func checkMigrationDeadlines() {
        checkAsyncDeadlines()
        for link in Array(migration.links.values) {
            for job in link.activeJobs where clock.monotonic > job.deadline(progressAt: link.lastProgress) {
                let failure: MigrationFailure =
                    switch link.phase {
                    case .resolving, .connecting: .connect
                    case .ready: link.output.isEmpty ? .read : .write
                    }
                link.waiting.removeAll { $0 === job }
                logger.warning("slotsmgrt: timeout target \(link.target.description), \(describe(job))")
                retireAfterTimeout(link, job)
                end(job, failure)
            }
            if link.isRetired, link.activeJobs.isEmpty, migration.links[link.number] != nil { remove(link) }
        }
    }

    /// A half-sent command cannot be taken back: then the link ends at once, and whoever else is on it with it.
    private mutating func retireAfterTimeout(_ link: MigrationLink, _ job: MigrationJob) {
        let isHalfSent = link.feeding.contains { $0 === job }
        retire(link)
        if isHalfSent, migration.links[link.number] != nil {
            job.isSecondTry = true
            fail(link, .write)
        }
    }

    func describe(_ job: MigrationJob) -> String {
        "nkeys = \(job.keys.count), onekey = '\(job.keys.first.map { String(decoding: $0, as: UTF8.self) } ?? "")'"
    }
}
