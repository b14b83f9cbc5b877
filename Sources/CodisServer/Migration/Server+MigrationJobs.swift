import Logging
import Memory
import RESP
import SlotStorage

/// The steps of a migration job: wait for the link, pin the keys, send them, end.
extension Server {
    /// Gives a job to the link of its target. Its caller waits from now on.
    mutating func submit(_ job: MigrationJob, to target: MigrationTarget) {
        let link = migrationLink(to: target)
        link.lastUse = clock.milliseconds
        link.waiting.append(job)
        if link.phase == .ready { advance(link) } else { open(link) }
    }

    /// Starts the jobs that can be started now.
    mutating func advance(_ link: MigrationLink) {
        while link.phase == .ready, link.isAuthenticated, !link.isAsking, let job = link.waiting.first {
            if link.selectedDatabase != job.targetDatabase {
                // Without a key there is nothing to say.
                if case .none = keys(of: job) {
                    link.waiting.removeFirst()
                    finish(job, moved: 0)
                    continue
                }
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
        // It may have become a replica while the job waited for other pins.
        if replication.isReplica, configuration.slaveReadOnly { return end(job, .refused("READONLY")) }
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
            let large = keys.filter { isLarge($0, for: job) }
            // MIGRATE goes to servers of every kind.
            let mayGoInPieces = job.form == .slotsRestore && !large.isEmpty
            if mayGoInPieces, link.takesPieces == nil { return ask(job, link) }
            job.keys = keys
            job.keysInPieces = 0
            if mayGoInPieces, link.takesPieces == true {
                job.keys = large + keys.filter { !isLarge($0, for: job) }
                job.keysInPieces = large.count
            }
            for entry in keys { pin(entry, in: job.database) }
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

    /// Whether sending the key in one go would keep others waiting.
    func isLarge(_ entry: Entry, for job: MigrationJob) -> Bool {
        entry.type == .string
            ? entry.stringLength > TransferLimits.longestText : entry.goesInPieces(job.limits)
    }

    /// Finds out whether the target takes large values in pieces; the job begins when it has answered. A database that
    /// is selected already is selected again: what does not know that command says so.
    private mutating func ask(_ job: MigrationJob, _ link: MigrationLink) {
        link.waiting.insert(job, at: 0)
        if link.isAsking { return }
        link.output.array(2)
        link.output.bulk("SLOTSRESTORE-ASYNC-SELECT")
        link.output.bulk(decimal: Int64(job.targetDatabase))
        link.expectations.append(.capability)
        link.hasAnswered = false
        markDirty(link)
    }

    // MARK: Choosing keys

    private enum Choice {
        case none
        case keys([Entry])
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
            guard case .keys(let keys) = chooseAny(slot, in: job.database), let entry = keys.first else {
                return keyspace[job.database].count(inSlot: slot) == 0 ? .none : .allPinned
            }
            let tag = SlotTag(of: entry.key)
            return tag.isTagged ? chooseGroup(tag.crc, in: job.database) : .keys(keys)
        }
    }

    private mutating func choose(_ key: [UInt8], in database: Int) -> Choice {
        guard let entry = keyspace[database].find(key.bytes) else { return .none }
        if isUnderWay(entry) { return .pinned(key) }
        return isExpired(entry, in: database) ? .none : .keys([entry])
    }

    private mutating func choose(_ keys: [[UInt8]], in database: Int) -> Choice {
        var found: [Entry] = []
        for key in keys {
            switch choose(key, in: database) {
            case .keys(let entries): found += entries
            case .pinned: return .pinned(key)
            case .none, .allPinned: break
            }
        }
        return found.isEmpty ? .none : .keys(found)
    }

    private mutating func chooseGroup(_ crc: UInt32, in database: Int) -> Choice {
        let members = keyspace[database].tagGroup(crc)
        if let member = members.first(where: { isUnderWay($0) }) { return .pinned(member.key.array) }
        let keys = members.filter { !isExpired($0, in: database) }
        return keys.isEmpty ? .none : .keys(keys)
    }

    /// Any key of the slot that is not pinned; expired ones met on the way are removed.
    private mutating func chooseAny(_ slot: Int, in database: Int) -> Choice {
        // While few keys are pinned, chance finds one that is not; after that a look at all decides.
        for _ in 0..<8 {
            guard let entry = randomEntry(inSlot: slot, of: database) else { return .none }
            if isUnderWay(entry) { continue }
            if !isExpired(entry, in: database) { return .keys([entry]) }
        }
        var found: Entry?
        var cursor: UInt64 = 0
        repeat {
            cursor = keyspace[database].scan(slot: slot, cursor: cursor) { entry in
                let isGone = entry.expiry.map { $0 <= clock.milliseconds } ?? false
                if found == nil, !entry.isPinned, !isGone { found = entry }
            }
        } while cursor != 0 && found == nil
        if let found { return .keys([found]) }
        return migration.pins.count(in: database) > 0 ? .allPinned : .none
    }

    // MARK: Ending

    /// The target's answer to one command of a job.
    mutating func answer(_ job: MigrationJob, refusal: String?, on link: MigrationLink) {
        job.repliesExpected -= 1
        if case .restore = job.form, job.answered < job.keys.count {
            if refusal == nil { job.accepted.append(job.keys[job.answered]) }
            job.answered += 1
        }
        job.refusal = job.refusal ?? refusal
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
        if case .restore(copies: true, _) = job.form {
            let moved = job.keys.count
            let waiters = unpin(job)
            finish(job, moved: moved)
            return wake(waiters)
        }
        job.accepted = []
        remove(.job(job))
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
        var waiters: [Pins.Waiter] = []
        if case .restore(copies: false, _) = job.form {
            waiters += removeMoved(job.takeAccepted()[...], from: job.database)
        }
        waiters += unpin(job)
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
        for entry in job.keys[job.removed...] { waiters += unpin(entry, in: job.database) }
        job.forgetKeys()
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
        "nkeys = \(job.keys.count), onekey = '\(job.keys.first.map { $0.key.text } ?? "")'"
    }
}
