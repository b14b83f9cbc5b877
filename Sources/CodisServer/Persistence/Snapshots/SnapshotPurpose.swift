import SlotStorage

/// What a snapshot is made for; `Server.snapshotEnded(_:_:)` switches over it.
enum SnapshotPurpose {
    /// An RDB file: BGSAVE and save points.
    case save
    /// A new append-only file: BGREWRITEAOF.
    case rewrite
    /// The data set for replicas.
    case sync

    /// As INFO tells it.
    var name: String {
        switch self {
        case .save: "save"
        case .rewrite: "rewrite"
        case .sync: "sync"
        }
    }
}

/// Where the bytes of a snapshot go.
enum SnapshotTarget: Sendable {
    /// Into a file, which is on the disk at the end. With `final` it is renamed to that, and the folder is on the disk,
    /// too; without, whoever asked for it goes on with the temporary file.
    case file(temporary: String, final: String?)
    /// Back to the event loop: `Server.snapshotProduced(_:)`.
    case eventLoop

    var isStreamed: Bool { if case .eventLoop = self { true } else { false } }
}

/// What is known of a snapshot that is complete.
struct SnapshotSummary: Sendable {
    /// Bytes of the file, or of all that was handed to the event loop.
    let bytes: Int
    /// `Server.dirty` at the moment the snapshot shows.
    let dirty: Int
    /// How long it took.
    let seconds: Int
}

/// Why there is no snapshot, in words for the log.
struct SnapshotFailure: Error, Sendable {
    let message: String
    /// Whether nothing went wrong, but somebody wanted it so.
    var isIntended = false

    init(_ message: String) { self.message = message }

    /// The snapshot is not needed any more.
    static func intended(_ message: String) -> SnapshotFailure {
        var failure = SnapshotFailure(message)
        failure.isIntended = true
        return failure
    }

    init(_ action: String, _ path: String, _ error: SystemError) {
        message = "\(action) \(path): \(error.description)"
    }
}
