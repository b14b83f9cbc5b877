import RESP

/// The append-only file on its way to its shortest form: a snapshot as commands, and behind it what has changed since.
///
/// The old file goes on to be written until the new one takes its name, so that nothing depends on how this ends.
struct AppendOnlyFileRewrite: ~Copyable {
    enum Stage {
        case none
        case snapshot
        /// Changes are on their way to the new file, for the `round`th time.
        case catchUp(AppendOnlyFileWriter, round: Int)
        /// The new file has everything but a little, and takes the place of the old one at the end of the turn.
        case complete(AppendOnlyFileWriter)
    }

    var stage = Stage.none
    /// Whether one is to begin as soon as it can.
    var isScheduled = false
    /// What has changed since the snapshot's moment and is not on its way to the new file. Collected while a rewrite runs
    /// and the append-only file is on, or is to be turned on.
    var changes = CommandBuffer()
    /// When the one that runs, or the last one, began: nanoseconds of `Clock.monotonic`.
    var startedAt: Int64 = 0
    /// Seconds that the last one took.
    var lastDuration: Int?
    var lastHasFailed = false

    /// Changes that are written by the event loop itself, in the moment when the files change places.
    static let leastCatchUp = 64 * 1024
    /// Rounds after which the files change places however much has come meanwhile.
    static let mostRounds = 10
    /// Nanoseconds from the begin of one that failed to the next try, where there must be a new file.
    static let retryDelay: Int64 = 5_000_000_000

    var isRunning: Bool {
        if case .none = stage { false } else { true }
    }

    /// The file that is being made, once the snapshot in it is complete.
    var writer: AppendOnlyFileWriter? {
        switch stage {
        case .none, .snapshot: nil
        case .catchUp(let writer, _), .complete(let writer): writer
        }
    }

    /// Seconds that the one which runs has taken so far.
    func seconds(at now: Int64) -> Int? { isRunning ? Int((now - startedAt) / 1_000_000_000) : nil }
}
