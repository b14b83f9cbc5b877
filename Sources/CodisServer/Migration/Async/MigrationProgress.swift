/// What migrations have moved since the start of the server.
struct MigrationProgress {
    /// Keys that targets have acknowledged.
    var keys = 0
    /// Bytes of the messages written.
    var bytes = 0
}
