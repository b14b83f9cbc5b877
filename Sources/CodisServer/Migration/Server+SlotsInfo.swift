import SlotStorage

/// How far migrations have come, for `INFO slots` and `SLOTSMGRT-ASYNC-STATUS PROGRESS`.
extension Server {
    func writeSlotsInfo(to text: inout InfoText) {
        text.field("migrations_running", migration.activeJobs)
        for (name, value) in migrationFigures { text.field("migration_\(name)", value) }
        for (database, link) in migration.asyncLinks.sorted(by: { $0.key < $1.key }) {
            guard let batch = link.batch else { continue }
            let figures = figures(of: batch).map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            text.field("migration_db\(database)", "target=\(link.target.description),\(figures)")
        }
    }

    /// All migrations together.
    var migrationFigures: [(name: String, value: Int)] {
        let waits = migration.pins.waitingClients.map { clock.monotonic - $0.since }
        return [
            ("keys_moved", migration.progress.keys), ("bytes_moved", migration.progress.bytes),
            ("keys_per_sec", Int(migration.progress.keyRate.perSecond)),
            ("bytes_per_sec", Int(migration.progress.byteRate.perSecond)), ("pinned_keys", migration.pins.count),
            ("arriving_values", migration.arrivals.count), ("waiting_writers", waits.count),
            ("current_wait_ms", Int((waits.max() ?? 0) / 1_000_000)),
            ("longest_wait_ms", Int(max(migration.longestPinWait, waits.max() ?? 0) / 1_000_000)),
        ]
    }

    /// One batch. `ms_left` is an estimate, for all keys of the slot where it moves one; -1 where there is none yet.
    func figures(of batch: AsyncBatch) -> [(name: String, value: Int)] {
        var left = batch.estimatedMillisecondsLeft(at: clock.monotonic) ?? -1
        var slotKeys = -1
        if let slot = batch.slot {
            slotKeys = keyspace[batch.database].count(inSlot: slot)
            let rate = migration.progress.keyRate.perSecond
            if rate > 0 { left = max(left, Int(Double(slotKeys) / rate * 1000)) }
        }
        return [
            ("slot", batch.slot ?? -1), ("slot_keys", slotKeys), ("keys", batch.keys.count),
            ("keys_sent", batch.keysWritten), ("elapsed_ms", Int((clock.monotonic - batch.began) / 1_000_000)),
            ("ms_left", left),
        ]
    }
}
