import Glibc
import Memory
import SlotStorage

/// The end of a snapshot on the writer thread: finishes chunks, and writes them into a file or hands them back.
///
/// The event loop makes it and then only passes it on, with one job after the other.
final class SnapshotSink: @unchecked Sendable {
    // Unchecked: after `init` only one thread at a time touches it, the writer thread, or the event loop when it saves
    // in the foreground.

    /// What became of a job.
    enum Report: Sendable {
        /// A chunk of so many bytes has left.
        case taken(Int)
        /// Finished bytes, from a chunk that had so many.
        case produced(SnapshotChunk, from: Int)
        /// All is in place, so many bytes.
        case complete(Int)
        case failed(SnapshotFailure)
    }

    /// Tells the snapshots of a process apart.
    let number: Int
    private let target: SnapshotTarget
    private var finisher: SnapshotFinisher
    private var descriptor: Int32 = -1
    private var bytesWritten = 0
    private var bytesOnTheWay = 0
    private var hasFailed = false

    /// Bytes after which the file is brought to the disk, so that the system never has much of it in memory, and the
    /// last fsync has little left.
    private static let synchronizedLength = 16 << 20
    private let isSynchronizedEarly: Bool

    init(
        number: Int, format: SnapshotFormat, target: SnapshotTarget, hasChecksum: Bool, isSynchronizedEarly: Bool = true
    ) {
        self.number = number
        self.isSynchronizedEarly = isSynchronizedEarly
        self.target = target
        finisher = SnapshotFinisher(format, hasChecksum: hasChecksum)
    }

    /// Finishes a chunk and writes it. After the last one everything is in place.
    func take(_ chunk: SnapshotChunk, isLast: Bool) -> [Report] {
        if hasFailed { return [] }
        let count = chunk.count
        finisher.finish(chunk, isLast: isLast)
        guard case .file(let temporary, let final) = target else {
            bytesWritten += chunk.count
            return [.produced(chunk, from: count)] + (isLast ? [.complete(bytesWritten)] : [])
        }
        do throws(SnapshotFailure) {
            try write(chunk, to: temporary)
            if isLast { try complete(temporary, final) }
            return [.taken(count)] + (isLast ? [.complete(bytesWritten)] : [])
        } catch {
            discard()
            return [.failed(error)]
        }
    }

    /// Gives up: the temporary file goes.
    func discard() {
        hasFailed = true
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        removeTemporaryFile()
    }

    /// For any thread: what is being written then has no name any more.
    func removeTemporaryFile() {
        if case .file(let temporary, _) = target { unsafe unlink(temporary) }
    }

    // MARK: The file

    private func write(_ chunk: SnapshotChunk, to path: String) throws(SnapshotFailure) {
        do throws(SystemError) {
            if descriptor < 0 { descriptor = try Self.create(path) }
            try chunk.withBytes { Self.write($0, to: descriptor) }.get()
            bytesWritten += chunk.count
            bytesOnTheWay += chunk.count
            if isSynchronizedEarly, bytesOnTheWay >= Self.synchronizedLength {
                _ = try retryingInterrupts { fdatasync(descriptor) }
                bytesOnTheWay = 0
            }
        } catch {
            throw SnapshotFailure("Write error saving DB on disk", path, error)
        }
    }

    private func complete(_ temporary: String, _ final: String?) throws(SnapshotFailure) {
        do throws(SystemError) {
            _ = try retryingInterrupts { fsync(descriptor) }
            let closing = descriptor
            descriptor = -1
            _ = try retryingInterrupts { close(closing) }
        } catch {
            throw SnapshotFailure("Write error saving DB on disk", temporary, error)
        }
        guard let final else { return }
        do throws(SystemError) {
            _ = try retryingInterrupts { unsafe rename(temporary, final) }
            try Self.synchronizeFolder(of: final)
        } catch {
            throw SnapshotFailure("Error moving temp DB file on the final destination", final, error)
        }
    }

    private static func create(_ path: String) throws(SystemError) -> Int32 {
        try retryingInterrupts { unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o644)) }
    }

    private static func write(_ bytes: RawSpan, to descriptor: Int32) -> Result<Void, SystemError> {
        var offset = 0
        while offset < bytes.byteCount {
            let rest = bytes.extracting(offset..<bytes.byteCount)
            do throws(SystemError) {
                offset += try retryingInterrupts {
                    unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
                }
            } catch {
                return .failure(error)
            }
        }
        return .success(())
    }

    /// Waits until the name of a file is on the disk.
    static func synchronizeFolder(of path: String) throws(SystemError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = try retryingInterrupts { unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try retryingInterrupts { fsync(descriptor) }
    }
}
