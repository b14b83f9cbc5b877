import Glibc
import Logging
import Memory
import RESP

/// Connections to migration targets: resolving, connecting, bytes out and in. What the bytes say is the matter of the
/// link.
extension Server {
    // MARK: Connecting

    /// Begins to connect a link that has just been made; nothing happens to one that is at it.
    mutating func open(_ link: OutgoingLink) {
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
        guard let link = migration.link(numbered: number), link.phase == .resolving else { return }
        switch result {
        case .success(let addresses):
            link.addresses = addresses
            connect(link)
        case .failure(let error):
            link.hasFailed(&self, .resolve(error.description))
        }
    }

    private mutating func connect(_ link: OutgoingLink) {
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
        link.hasFailed(&self, failure)
    }

    mutating func handleMigrationLink(_ number: Int, _ event: Poller.Event) {
        guard let link = migration.link(numbered: number) else { return }
        if link.phase == .connecting {
            guard event.isWritable else { return }
            return connected(link)
        }
        if event.isReadable { receive(link) }
        if event.isWritable, link.waitsForWritable, link.descriptor >= 0 { send(link) }
    }

    private mutating func connected(_ link: OutgoingLink) {
        if let error = Socket.connectResult(link.descriptor) {
            logger.warning(
                "slotsmgrt: connect to target \(link.target.description), error = '\(error.description)'")
            disconnect(link)
            if !link.addresses.isEmpty { return connect(link) }
            // The old servers connected without looking, and found out by writing.
            return link.hasFailed(&self, .write)
        }
        link.phase = .ready
        link.lastProgress = clock.monotonic
        try? poller.change(link.descriptor, registration: link.registration, .read)
        link.hasConnected(&self)
    }

    mutating func disconnect(_ link: OutgoingLink) {
        guard link.descriptor >= 0 else { return }
        unregister(link.descriptor)
        Glibc.close(link.descriptor)
        link.descriptor = -1
        link.waitsForWritable = false
    }

    // MARK: Bytes out

    /// Remembers that the link has something to send at the end of the turn.
    mutating func markDirty(_ link: OutgoingLink) {
        if !migration.dirtyLinks.contains(link.number) { migration.dirtyLinks.append(link.number) }
    }

    /// Sends what the links have, a portion of keys each, at the end of a turn.
    mutating func flushMigrationLinks() {
        guard migration.hasMoreToSend else { return }
        let start = Clock.monotonicNow()
        if !migration.removals.isEmpty { continueRemovals() }
        feedLinks()
        recordLatency(.slotMigration, milliseconds: Int((Clock.monotonicNow() - start) / 1_000_000))
    }

    private mutating func feedLinks() {
        let numbers = migration.dirtyLinks
        migration.dirtyLinks.removeAll(keepingCapacity: true)
        for number in numbers {
            guard let link = migration.link(numbered: number), link.descriptor >= 0 else { continue }
            link.feed(&self)
            if link.descriptor >= 0, !link.waitsForWritable { send(link) }
            if link.descriptor >= 0, link.hasMoreToSend, !link.waitsForWritable { markDirty(link) }
        }
    }

    private mutating func send(_ link: OutgoingLink) {
        do throws(SystemError) {
            while !link.output.isEmpty {
                let descriptor = link.descriptor
                _ = unsafe try link.output.drain { runs throws(SystemError) in try unsafe Socket.write(descriptor, runs)
                }
                link.lastProgress = clock.monotonic
            }
        } catch {
            guard error.wouldBlock else { return link.hasBroken(&self, .write, error) }
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
        if link.hasMoreToSend { markDirty(link) }
    }

    // MARK: Bytes in

    private mutating func receive(_ link: OutgoingLink) {
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
        if count == 0 { return link.hasBroken(&self, .read, failure) }
        link.lastProgress = clock.monotonic
        link.lastUse = clock.milliseconds
        link.hasReceived(&self)
        if link.input.isEmpty { link.input.release() }
    }
}
