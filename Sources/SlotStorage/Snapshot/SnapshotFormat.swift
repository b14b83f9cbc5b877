/// What a snapshot makes of the entries.
public enum SnapshotFormat: Sendable {
    /// An RDB file of version 6.
    case rdb
    /// Commands that make the entries anew, as an append-only file has them.
    case commands
}
