import Memory
import SlotStorage

/// Keys of which a target may hold a copy that is not the right one: they were sent, and the batch was interrupted
/// before everything was acknowledged.
///
/// This server is still the authority for such a key. If it is deleted here, nobody may be sent to the target, where
/// the copy would be found; so SLOTSMGRT-EXEC-WRAPPER goes on to answer for it, until the next batch to that target has
/// taken the copy away.
struct Leftovers {
    private var targets: [Int: [[UInt8]: MigrationTarget]] = [:]

    var isEmpty: Bool { targets.isEmpty }

    mutating func add(_ key: [UInt8], at target: MigrationTarget, in database: Int) {
        targets[database, default: [:]][key] = target
    }

    mutating func remove(_ key: [UInt8], in database: Int) {
        targets[database]?[key] = nil
        if targets[database]?.isEmpty ?? false { targets[database] = nil }
    }

    func contains(_ key: RawSpan, in database: Int) -> Bool {
        guard let keys = targets[database] else { return false }
        return keys[key.array] != nil
    }

    /// All of a database, with the targets that have them. O(leftovers of the database).
    func all(in database: Int) -> [[UInt8]: MigrationTarget] { targets[database] ?? [:] }
}

extension Server {
    /// The keys that the batch's command is about, that are not here any more, and that the target may have. Copies at
    /// other targets are forgotten: whoever is sent away from here is sent to this one now.
    mutating func takeLeftovers(for batch: AsyncBatch, at target: MigrationTarget) -> [[UInt8]] {
        if migration.leftovers.isEmpty { return [] }
        let isMeant: (SlotTag, [UInt8]) -> Bool
        switch batch.subject {
        case .someKeys(let slot, _), .someTagGroups(let slot, _):
            isMeant = { tag, _ in tag.slot == slot }
        case .keys(let keys):
            isMeant = { _, key in keys.contains(key) }
        case .tagGroups(let keys):
            let tags = Set(keys.map { SlotTag(of: $0.bytes) }.filter(\.isTagged).map(\.crc))
            isMeant = { tag, key in tag.isTagged ? tags.contains(tag.crc) : keys.contains(key) }
        }
        var found: [[UInt8]] = []
        for (key, holder) in migration.leftovers.all(in: batch.database)
        where isMeant(SlotTag(of: key.bytes), key) && keyspace[batch.database].find(key.bytes) == nil {
            if holder == target {
                found.append(key)
            } else {
                migration.leftovers.remove(key, in: batch.database)
            }
        }
        return found
    }
}
