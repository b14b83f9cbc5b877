import Glibc
import Logging
import Memory

/// The place of a data set in its replication stream: with it, a server that has read the data set from a file goes on
/// where the file was written, instead of getting everything again.
///
/// It stands in a file beside the RDB file, since Redis 2.8 would not read one with additions: a line of the stream's
/// name, the offset, the database that the stream has selected, and the length and the last eight bytes of the RDB
/// file, which are its checksum. A place that belongs to another file is none. An append-only file has one from the
/// orderly end of the server to its next start.
struct ReplicationPlace: Equatable {
    let id: ReplicationID
    let offset: Int64
    let database: Int

    /// What the name of an RDB file gets behind it.
    static let suffix = ".replication"

    /// The place that stands beside a file.
    static func beside(_ file: String) -> ReplicationPlace? {
        guard let identity = FileIdentity(of: file) else { return nil }
        var text = ByteBuffer()
        do throws(SystemError) {
            let opened = try DataFile.open(file + suffix, .read)
            while try opened.read(upTo: 4096, into: &text) > 0, text.count < 4096 {}
        } catch {
            return nil
        }
        let words = text.bytes.text.split(whereSeparator: \.isWhitespace)
        guard words.count == 5, let id = ReplicationID(Array(words[0].utf8).bytes), let offset = Int64(words[1]),
            let database = Int(words[2]), offset >= 0, database >= 0,
            words[3] == String(identity.length), words[4] == String(identity.checksum, radix: 16)
        else { return nil }
        return ReplicationPlace(id: id, offset: offset, database: database)
    }

    /// Puts the place beside a file that has just been written.
    func write(beside file: String) throws(SystemError) {
        guard let identity = FileIdentity(of: file) else { return }
        let line =
            "\(id) \(offset) \(database) \(identity.length) \(String(identity.checksum, radix: 16))\n"
        let temporary = "\(file).\(getpid())\(Self.suffix)"
        try Self.make(temporary, Array(line.utf8))
        _ = try retryingInterrupts { unsafe rename(temporary, file + Self.suffix) }
    }

    private static func make(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        let file = try DataFile.open(path, .create)
        _ = try file.write(bytes.bytes)
        try file.synchronize()
    }

    /// Takes away what may stand beside a file.
    static func remove(beside file: String) { unsafe unlink(file + suffix) }
}

/// What tells a file from another. `nil` for an RDB file without a checksum: two of these may differ and look alike.
private struct FileIdentity {
    let length: Int
    let checksum: UInt64

    init?(of path: String) {
        var tail = ByteBuffer()
        do throws(SystemError) {
            let file = try DataFile.open(path, .read)
            length = try file.size()
            guard length > 8 else { return nil }
            try file.seek(to: length - 8)
            _ = try file.read(upTo: 8, into: &tail)
        } catch {
            return nil
        }
        guard let word = tail.bytes.word(at: 0), word != 0 else { return nil }
        checksum = word
    }
}

extension Server {
    /// The place of the data set at this moment; `nil` if the stream is not kept, or a transaction is half done.
    mutating func replicationPlace() -> ReplicationPlace? {
        guard replication.isRecording, !propagation.isInTransaction, replication.master?.canContinue ?? true else {
            return nil
        }
        flushPropagation()
        return ReplicationPlace(
            id: replication.id, offset: replication.offset,
            database: replication.isReplica ? replication.selectedDatabase : propagation.replicas.database ?? 0)
    }

    /// Keeps the place of the data set that a file shows.
    func keep(_ place: ReplicationPlace?, beside file: String) {
        guard let place else { return ReplicationPlace.remove(beside: file) }
        do throws(SystemError) {
            try place.write(beside: file)
        } catch {
            logger.warning("The replication offset of \(file) cannot be kept: \(error.description)")
        }
    }

    /// The data set has been read from a file that was written at a place of a stream. A replica goes on there; a
    /// master begins a stream of its own, and its replicas of before may go on with that.
    mutating func resume(at place: ReplicationPlace) {
        replication.id = place.id
        replication.stream.restart(at: place.offset)
        replication.selectedDatabase = place.database
        replication.lonelySince = clock.seconds
        if configuration.slaveof == nil { replication.rename() }
        startRecording()
        logger.notice("The data set is at offset \(place.offset) of the replication stream \(place.id).")
    }
}
