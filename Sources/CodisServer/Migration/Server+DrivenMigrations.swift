import Logging
import Memory

/// Migrations within EXEC.
///
/// Nobody may see a transaction half done, and the replies of its commands stand in one array in their order. A command
/// that moves keys and is part of one therefore cannot be put off, as it is elsewhere: until its target has answered or
/// its timeout has passed, this server does nothing but talk to migration targets, as codis-server did for every
/// migration. Steps, deadlines and replies are the same as ever; migrations of other clients go on meanwhile, since the
/// one that is waited for may be behind them.
extension Server {
    /// Serves the migration links until the client's last command has its reply, or its keys have no pins. Does nothing
    /// if the client does not wait.
    mutating func driveMigrations(of client: Client) {
        while isWaiting(client) {
            // No slice of the snapshot comes while this lasts.
            if snapshot.isOn { finishLongValues() }
            flushMigrationLinks()
            // The last of many keys may have been removed now.
            guard isWaiting(client) else { return }
            let ready = waitForMigrationLinks()
            updateClock()
            for (descriptor, isReadable, isWritable) in ready {
                let source = sources[Int(descriptor)]
                handle(
                    Poller.Event(
                        descriptor: descriptor, registration: source.registration, isReadable: isReadable,
                        isWritable: isWritable, isEnding: false))
            }
            if migration.isCheckDue(clock.monotonic) { checkMigrationDeadlines() }
        }
    }

    private func isWaiting(_ client: Client) -> Bool {
        !client.state.flags.isDisjoint(with: [.waitsForReply, .waitsForPin])
    }

    private mutating func waitForMigrationLinks() -> [(descriptor: Int32, isReadable: Bool, isWritable: Bool)] {
        var wait = DescriptorWait()
        wait.add(helper.descriptor, forReading: true, forWriting: false)
        for link in migration.allLinks where link.descriptor >= 0 {
            let isConnecting = link.phase == .connecting
            wait.add(
                link.descriptor, forReading: !isConnecting, forWriting: isConnecting || link.waitsForWritable)
            // Whether a target is this server itself can only be told once its connection has been accepted here.
            if isConnecting, link.target.port == configuration.port { acceptWaitingClients() }
        }
        return wait.wait(milliseconds: migration.hasMoreToSend ? 0 : migration.longestWait)
    }

    private mutating func acceptWaitingClients() {
        for (descriptor, source) in sources.enumerated() {
            if case .listener(_, let isUnixSocket) = source {
                acceptClients(Int32(descriptor), isUnixSocket: isUnixSocket)
            }
        }
    }
}
