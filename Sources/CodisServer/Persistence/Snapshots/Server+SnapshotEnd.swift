import SlotStorage

/// What happens to snapshots when they are complete, or will never be.
extension Server {
    mutating func snapshotEnded(_ purpose: SnapshotPurpose, _ result: Result<SnapshotSummary, SnapshotFailure>) {
        switch purpose {
        case .save: saveEnded(result)
        case .rewrite: rewriteEnded(result)
        case .sync: syncEnded(result)
        }
    }

    /// The next finished bytes of a snapshot that goes to the event loop. Whoever sends them says
    /// ``snapshotConsumed(_:)`` when they have left.
    mutating func snapshotProduced(_ chunk: SnapshotChunk) { passToReplicas(chunk) }
}
