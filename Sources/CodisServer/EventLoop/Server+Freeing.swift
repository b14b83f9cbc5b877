import SlotStorage

/// Freeing what is large, which the helper thread does.
extension Server {
    /// Leaves keys or values to the helper thread.
    mutating func free(_ box: DetachedBox) {
        statistics.lazilyFreed += box.count
        helper.submit(.free(box))
    }

    /// Leaves a data set to it that nobody will use.
    mutating func free(_ keyspace: consuming Keyspace) {
        var keyspace = keyspace
        for database in 0..<keyspace.databaseCount where keyspace[database].count > 0 {
            free(DetachedBox(keyspace[database].detachAll()))
        }
        if keyspace.hasDiscards { free(DetachedBox(keyspace.takeDiscards())) }
    }

    /// Leaves the large values to it that commands of this turn have removed or overwritten.
    mutating func freeDiscards() {
        if keyspace.hasDiscards { free(DetachedBox(keyspace.takeDiscards())) }
    }

    /// Bytes in use that will be free as soon as the helper thread comes to it.
    var memoryBeingFreed: Int { keyspace.discardedBytes + helper.pendingFrees.bytes }
}
