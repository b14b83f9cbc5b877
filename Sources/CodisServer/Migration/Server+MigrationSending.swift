import Memory
import RESP
import SlotStorage

/// How the keys of a migration job are written: small ones as SLOTSRESTORE or RESTORE, large ones as the messages of
/// asynchronous migrations, or as a payload that is serialised slice by slice.
extension Server {
    /// Serialised bytes that a link may hold; more is made when these have gone out.
    private static let outputLimit = 256 * 1024

    /// Serialises keys of the link's jobs, in order, until its output is full or time is up.
    mutating func feed(_ link: MigrationLink) {
        let start = Clock.monotonicNow()
        migration.workspace.writer.compresses = configuration.rdbcompression
        while let job = link.feeding.first {
            var parts = 0
            while job.serialised < job.keys.count {
                if link.output.allocatedBytes >= Self.outputLimit { return }
                parts += 1
                if parts % Self.partsAtATime == 0, Clock.monotonicNow() - start > Self.timeSlice { return }
                writeNext(of: job, on: link)
            }
            job.stepBegan = clock.monotonic
            link.feeding.removeFirst()
        }
    }

    /// Nanoseconds that a link may write in one turn.
    private static let timeSlice: Int64 = 500_000
    /// Keys or pieces between two looks at the clock. Each takes 0.2 ms at most, and most take a thousandth of that.
    private static let partsAtATime = 4

    private mutating func writeNext(of job: MigrationJob, on link: MigrationLink) {
        let entry = job.keys[job.serialised]
        if job.serialised < job.keysInPieces { return writeMessage(of: job, entry, on: link) }
        if job.payload == nil, isLarge(entry, for: job) { job.payload = PayloadTranscript(of: entry) }
        if job.payload != nil { return writeSlice(of: job, entry, on: link) }
        migration.workspace.writer.removeAll()
        ValuePayload.write(entry, to: &migration.workspace.writer)
        beginKey(of: job, entry, on: link)
        link.output.bulk(migration.workspace.writer.output.bytes)
        migration.progress.bytes += migration.workspace.writer.output.count
        endKey(of: job, on: link)
    }

    /// A message of a value that goes in pieces, or a part of one.
    private mutating func writeMessage(of job: MigrationJob, _ entry: Entry, on link: MigrationLink) {
        var transfer = job.transfer ?? KeyTransfer(entry)
        let length = transfer.writeNext(
            to: &link.output, job.limits, now: clock.milliseconds, &migration.workspace)
        if let length {
            link.expectations.append(.acknowledgement(job))
            job.repliesExpected += 1
            migration.progress.bytes += length
        }
        if transfer.stage == .done {
            job.transfer = nil
            job.serialised += 1
        } else {
            job.transfer = transfer
        }
    }

    /// A slice of a large value's payload, which is sent when it is complete: its length comes first.
    private mutating func writeSlice(of job: MigrationJob, _ entry: Entry, on link: MigrationLink) {
        job.stepBegan = clock.monotonic
        migration.workspace.writer.removeAll()
        job.payload?.writeNext(to: &migration.workspace.writer)
        job.payloadOutput.append(migration.workspace.writer.output.bytes)
        job.payloadLength += migration.workspace.writer.output.count
        migration.progress.bytes += migration.workspace.writer.output.count
        guard job.payload?.isComplete ?? false else { return }
        beginKey(of: job, entry, on: link)
        link.output.beginBulk(job.payloadLength)
        link.output.append(contentsOf: &job.payloadOutput)
        link.output.append("\r\n")
        endKey(of: job, on: link)
        job.payload = nil
        job.payloadLength = 0
    }

    /// Writes what stands before a key's payload, the command itself if the key is its first.
    private mutating func beginKey(of job: MigrationJob, _ entry: Entry, on link: MigrationLink) {
        if (job.serialised - job.keysInPieces) % job.keysPerCommand == 0 {
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
        let ttl = entry.expiry.map { max(1, $0 - clock.milliseconds) } ?? 0
        link.output.bulk(entry.key)
        link.output.bulk(decimal: ttl)
        migration.progress.bytes += entry.key.byteCount
    }

    private func endKey(of job: MigrationJob, on link: MigrationLink) {
        if case .restore(_, true) = job.form { link.output.bulk("REPLACE") }
        job.serialised += 1
    }
}
