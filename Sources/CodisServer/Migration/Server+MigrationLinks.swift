import Logging
import Memory
import RESP

/// The conversation with the targets of synchronous migrations: handshake, replies, the end.
extension Server {
    /// The longest line that a target may answer.
    private static let longestLine = 64 * 1024

    /// The link that a job for `target` goes over, made if there is none.
    mutating func migrationLink(to target: MigrationTarget) -> MigrationLink {
        if let number = migration.current[target], let link = migration.links[number] { return link }
        migration.lastLinkNumber += 1
        let link = MigrationLink(number: migration.lastLinkNumber, target: target, clock: clock)
        migration.links[link.number] = link
        migration.current[target] = link.number
        logger.warning("slotsmgrt: connect to target \(target.description)")
        return link
    }

    /// Says the password, if there is one, on a connection that has just been made.
    mutating func greet(_ link: MigrationLink) {
        for job in link.waiting { job.stepBegan = clock.monotonic }
        if link.target.authenticates, !configuration.requirepass.isEmpty {
            link.output.array(2)
            link.output.bulk("AUTH")
            link.output.bulk(configuration.requirepass)
            link.expectations.append(.auth)
            markDirty(link)
        } else {
            link.isAuthenticated = true
        }
        advance(link)
    }

    // MARK: Replies

    /// Reads the answers that have come.
    mutating func readAnswers(_ link: MigrationLink) {
        link.hasAnswered = true
        var input = ByteBuffer()
        swap(&input, &link.input)
        var offset = 0
        while link.descriptor >= 0, offset < input.count {
            let length = takeAnswer(input.bytes.extracting(offset..<input.count), of: link)
            if length == 0 { break }
            offset += length
        }
        guard migration.links[link.number] != nil, link.descriptor >= 0 else { return }
        input.removePrefix(offset)
        swap(&input, &link.input)
        if link.input.count > Self.longestLine { return fail(link, .read) }
        advance(link)
    }

    /// Reads the answer at the front of `bytes` and says how long it is, 0 where it has not come as a whole.
    private mutating func takeAnswer(_ bytes: RawSpan, of link: MigrationLink) -> Int {
        if link.expectsAcknowledgement, bytes[0] == UInt8(ascii: "*") {
            switch link.parser.parse(bytes) {
            case .incomplete: return 0
            case .nothing, .failure: fail(link, .read)
            case .request(let length):
                guard let acknowledgement = Acknowledgement(link.parser.request(in: bytes)) else {
                    fail(link, .read)
                    return 0
                }
                take(acknowledgement, link)
                return length
            }
            return 0
        }
        guard let newline = bytes.firstIndex(of: 10) else { return 0 }
        guard !link.expectations.isEmpty else {
            logger.warning("slotsmgrt: target \(link.target.description) answers what nobody asked")
            fail(link, .read)
            return 0
        }
        let end = newline > 0 && bytes[newline - 1] == 13 ? newline - 1 : newline
        answer(link, bytes.extracting(0..<end).array)
        return newline + 1
    }

    private mutating func take(_ acknowledgement: Acknowledgement, _ link: MigrationLink) {
        switch (link.expectations.removeFirst(), acknowledgement) {
        case (.capability, .done): link.takesPieces = true
        case (.capability, .refused): link.takesPieces = false
        case (.acknowledgement(let job), .done): answer(job, refusal: nil, on: link)
        case (.acknowledgement(let job), .refused(_, let text)): refused(job, text, link)
        case (.auth, _), (.select, _), (.keys, _): preconditionFailure("not an acknowledgement that was expected")
        }
    }

    private mutating func answer(_ link: MigrationLink, _ line: [UInt8]) {
        let text = String(decoding: line, as: UTF8.self)
        switch link.expectations.removeFirst() {
        case .auth:
            guard line.first == UInt8(ascii: "+") else { return refuseHandshake(link, .auth, "auth", text) }
            link.isAuthenticated = true
        case .select(let database):
            guard line.first == UInt8(ascii: "+") else {
                return refuseHandshake(link, .select(String(text.dropFirst())), "select", text)
            }
            link.selectedDatabase = database
        case .keys(let job):
            answer(job, refusal: line.first == UInt8(ascii: "-") ? String(text.dropFirst()) : nil, on: link)
        case .acknowledgement(let job):
            // Whatever it says, it is not what was asked for.
            refused(job, text, link)
        case .capability:
            link.takesPieces = false
        }
    }

    private mutating func refuseHandshake(
        _ link: MigrationLink, _ failure: MigrationFailure, _ step: String, _ text: String
    ) {
        var first = ""
        if let job = link.waiting.first { first = describe(job) }
        logger.warning(
            "slotsmgrt: \(step) failed, reading from target \(link.target.description): \(first), response = '\(text)'")
        fail(link, failure)
    }

    // MARK: The end

    /// The connection broke. Where it had gone stale, the jobs get a second try on a new one: keys are pinned, so that
    /// what the target may have got already is the same.
    mutating func broken(_ link: MigrationLink, _ failure: MigrationFailure, _ error: SystemError?) {
        let jobs = link.activeJobs
        logger.warning(
            "slotsmgrt: \(link.expectations.isEmpty ? "close" : "lost") target \(link.target.description), error = '\(error?.description ?? "closed by target")'"
        )
        guard link.hasServed, !link.hasAnswered, !jobs.isEmpty, jobs.allSatisfy({ !$0.isSecondTry }) else {
            return fail(link, failure)
        }
        remove(link)
        for job in jobs {
            job.isSecondTry = true
            job.stepBegan = clock.monotonic
            release(job)
            submit(job, to: link.target)
        }
    }

    /// A message was refused, and the target does nothing that comes behind it.
    private mutating func refused(_ refused: MigrationJob, _ text: String, _ link: MigrationLink) {
        logger.warning(
            "slotsmgrt: migration failed, reading from target \(link.target.description): \(describe(refused)), response = '\(text)'"
        )
        let jobs = link.activeJobs
        remove(link)
        if !refused.isEnded { end(refused, .refused(text)) }
        for job in jobs where job !== refused { end(job, .read) }
    }

    /// Ends the link and every job on it.
    mutating func fail(_ link: MigrationLink, _ failure: MigrationFailure) {
        let jobs = link.activeJobs
        remove(link)
        for job in jobs { end(job, failure) }
    }

    /// Takes no more jobs; ends with the last reply that is due.
    mutating func retire(_ link: MigrationLink) {
        if migration.current[link.target] == link.number { migration.current[link.target] = nil }
        link.isRetired = true
        if link.activeJobs.isEmpty { remove(link) }
    }

    mutating func remove(_ link: MigrationLink) {
        if link.descriptor >= 0 { logger.warning("slotsmgrt: close target \(link.target.description)") }
        disconnect(link)
        if migration.current[link.target] == link.number { migration.current[link.target] = nil }
        migration.links[link.number] = nil
        link.waiting = []
        link.feeding = []
        link.expectations = []
        link.output.removeAll()
    }

    mutating func closeIdleMigrationLinks() {
        closeIdleAsyncLinks()
        for link in Array(migration.links.values) where link.isIdle {
            guard clock.milliseconds - link.lastUse > Migration.idleLimit * 1000 else { continue }
            logger.warning(
                "slotsmgrt: timeout target \(link.target.description), lasttime = \(link.lastUse / 1000), now = \(clock.seconds)"
            )
            remove(link)
        }
    }
}

extension MigrationLink {
    /// The jobs that have no reply yet, those that wait last.
    var activeJobs: [MigrationJob] {
        var jobs: [MigrationJob] = []
        for expectation in expectations {
            switch expectation {
            case .keys(let job), .acknowledgement(let job):
                if !job.isEnded, jobs.last !== job { jobs.append(job) }
            case .auth, .select, .capability: break
            }
        }
        for job in feeding where !job.isEnded && !jobs.contains(where: { $0 === job }) { jobs.append(job) }
        return jobs + waiting
    }
}
