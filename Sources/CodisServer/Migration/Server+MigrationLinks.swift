import Glibc
import Logging
import Memory
import RESP

/// The conversation with migration targets: connecting, handshake, bytes, the end.
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

    /// Begins to connect a link that has just got its first job.
    mutating func open(_ link: MigrationLink) {
        guard link.phase == .resolving, link.descriptor < 0, link.addresses.isEmpty else { return }
        do throws(AddressText.ResolveError) {
            link.addresses = try AddressText.resolve(
                host: link.target.host, port: link.target.port, numericOnly: true)
            connect(link)
        } catch {
            helper.submit(.resolve(link: link.number, host: link.target.host, port: link.target.port))
        }
    }

    mutating func migrationLinkResolved(
        _ number: Int, _ result: Result<[Socket.Address], AddressText.ResolveError>
    ) {
        guard let link = migration.links[number], link.phase == .resolving else { return }
        switch result {
        case .success(let addresses):
            link.addresses = addresses
            connect(link)
        case .failure(let error):
            fail(link, .resolve(error.description))
        }
    }

    private mutating func connect(_ link: MigrationLink) {
        var failure = MigrationFailure.resolve("No address associated with hostname")
        while !link.addresses.isEmpty {
            let address = link.addresses.removeFirst()
            do throws(SystemError) {
                let descriptor = try Socket.connect(to: address)
                Socket.setNoDelay(descriptor)
                link.descriptor = descriptor
                link.registration = lastRegistration &+ 1
                link.phase = .connecting
                let number = link.number
                try register(descriptor, .write) { .migrationLink(number, registration: $0) }
                return
            } catch {
                failure = .resolve(error.description)
                disconnect(link)
            }
        }
        fail(link, failure)
    }

    mutating func handleMigrationLink(_ number: Int, _ event: Poller.Event) {
        guard let link = migration.links[number] else { return }
        if link.phase == .connecting {
            guard event.isWritable else { return }
            return connected(link)
        }
        if event.isReadable { receive(link) }
        if event.isWritable, link.waitsForWritable, link.descriptor >= 0 { send(link) }
    }

    private mutating func connected(_ link: MigrationLink) {
        if let error = Socket.connectResult(link.descriptor) {
            logger.warning(
                "slotsmgrt: connect to target \(link.target.description), error = '\(error.description)'")
            disconnect(link)
            if !link.addresses.isEmpty { return connect(link) }
            // The old servers connected without looking, and found out by writing.
            return fail(link, .write)
        }
        link.phase = .ready
        link.lastProgress = clock.monotonic
        for job in link.waiting { job.stepBegan = clock.monotonic }
        try? poller.change(link.descriptor, registration: link.registration, .read)
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

    // MARK: Bytes out

    /// Remembers that the link has something to send at the end of the turn.
    mutating func markDirty(_ link: MigrationLink) {
        if !migration.dirtyLinks.contains(link.number) { migration.dirtyLinks.append(link.number) }
    }

    /// Sends what the links have, a portion of keys each, at the end of a turn.
    mutating func flushMigrationLinks() {
        guard !migration.dirtyLinks.isEmpty else { return }
        let numbers = migration.dirtyLinks
        migration.dirtyLinks.removeAll(keepingCapacity: true)
        for number in numbers {
            guard let link = migration.links[number], link.descriptor >= 0 else { continue }
            feed(link)
            if !link.waitsForWritable { send(link) }
            if !link.feeding.isEmpty, !link.waitsForWritable { markDirty(link) }
        }
    }

    private mutating func send(_ link: MigrationLink) {
        do throws(SystemError) {
            while !link.output.isEmpty {
                let descriptor = link.descriptor
                _ = unsafe try link.output.drain { runs throws(SystemError) in try unsafe Socket.write(descriptor, runs)
                }
                link.lastProgress = clock.monotonic
            }
        } catch {
            guard error.wouldBlock else { return broken(link, .write, error) }
            if !link.waitsForWritable {
                link.waitsForWritable = true
                try? poller.change(link.descriptor, registration: link.registration, [.read, .write])
            }
            return
        }
        if link.waitsForWritable {
            link.waitsForWritable = false
            try? poller.change(link.descriptor, registration: link.registration, .read)
        }
        if !link.feeding.isEmpty { markDirty(link) }
    }

    // MARK: Bytes in

    private mutating func receive(_ link: MigrationLink) {
        let descriptor = link.descriptor
        var failure: SystemError?
        let count = unsafe link.input.append(upTo: 16 * 1024) { target in
            do throws(SystemError) {
                return try unsafe Socket.read(descriptor, into: target)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure, failure.wouldBlock { return }
        if count == 0 { return broken(link, .read, failure) }
        link.lastProgress = clock.monotonic
        link.lastUse = clock.seconds
        link.hasAnswered = true
        readLines(link)
        guard migration.links[link.number] != nil, link.descriptor >= 0 else { return }
        if link.input.count > Self.longestLine { return fail(link, .read) }
        if link.input.isEmpty { link.input.release() }
        advance(link)
    }

    private mutating func readLines(_ link: MigrationLink) {
        while link.descriptor >= 0, let line = link.input.takeLine() {
            guard !link.expectations.isEmpty else {
                logger.warning("slotsmgrt: target \(link.target.description) answers what nobody asked")
                return fail(link, .read)
            }
            answer(link, line)
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
            answer(job, line, on: link)
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
    private mutating func broken(_ link: MigrationLink, _ failure: MigrationFailure, _ error: SystemError?) {
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

    private mutating func disconnect(_ link: MigrationLink) {
        guard link.descriptor >= 0 else { return }
        unregister(link.descriptor)
        Glibc.close(link.descriptor)
        link.descriptor = -1
    }

    mutating func closeIdleMigrationLinks() {
        for link in Array(migration.links.values) where link.isIdle {
            guard clock.seconds - link.lastUse > Migration.idleLimit else { continue }
            logger.warning(
                "slotsmgrt: timeout target \(link.target.description), lasttime = \(link.lastUse), now = \(clock.seconds)"
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
            if case .keys(let job) = expectation, !job.isEnded, jobs.last !== job { jobs.append(job) }
        }
        for job in feeding where !job.isEnded && !jobs.contains(where: { $0 === job }) { jobs.append(job) }
        return jobs + waiting
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
