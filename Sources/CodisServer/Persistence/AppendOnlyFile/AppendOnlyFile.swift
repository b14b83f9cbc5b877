import Memory
import RESP

/// The append-only file of this server: where it stands, and how it fares.
struct AppendOnlyFile: ~Copyable {
    /// Writes what the event loop hands to ``writer``.
    let appender: HelperThread
    /// Waits for the disk, so that nobody else has to.
    let synchronizer: HelperThread

    /// `nil` while the file is off.
    var writer: AppendOnlyFileWriter?
    /// Bytes of the file, those that wait to be written included.
    var size = 0
    /// The size after the last rewrite, or at the start.
    var baseSize = 0
    /// Why changes cannot be kept; writes are refused as long as there is a reason.
    var failure: Failure?

    /// When the disk was last asked to take what was written, in nanoseconds of `Clock.monotonic`.
    var lastSynchronization: Int64 = 0
    /// Whether it has not answered yet.
    var isSynchronizing = false
    /// Bytes that the disk has not been asked to take.
    var hasUnsynchronized = false
    /// How often the disk took more than two seconds.
    var delayedSynchronizations = 0
    /// When that was counted last.
    var lastDelay: Int64 = 0

    var rewrite = AppendOnlyFileRewrite()

    init(appender: HelperThread, synchronizer: HelperThread) {
        self.appender = appender
        self.synchronizer = synchronizer
    }

    enum Failure {
        /// Bytes wait until the file takes them.
        case write(SystemError)
        /// What the file holds may be lost: it has to be written anew.
        case synchronize(SystemError)

        var error: SystemError {
            switch self {
            case .write(let error), .synchronize(let error): error
            }
        }
    }

    /// Whether changes are written. After CONFIG SET appendonly yes that is so once the first rewrite has ended.
    var isOn: Bool { writer != nil }

    /// Whether what is, or should be, in the file can only be had by a rewrite.
    var needsNewFile: Bool {
        if case .synchronize = failure { true } else { !isOn }
    }

    /// Goes on with a file that has everything by now.
    mutating func adopt(_ writer: AppendOnlyFileWriter) {
        self.writer = writer
        size = writer.size
        baseSize = size
        hasUnsynchronized = true
        // Whatever the disk is asked now concerns the old file.
        isSynchronizing = false
    }

    /// Nanoseconds between two synchronizations with `appendfsync everysec`.
    static let synchronizationInterval: Int64 = 1_000_000_000
    /// Nanoseconds after which a disk is said to be slow.
    static let delayLimit: Int64 = 2_000_000_000
}
