import Memory
import SlotStorage

/// Compares what a slot held before it moved with what the target holds then: the number of keys, and the digest of
/// keys, values, and whether they expire (that of DEBUG DIGEST), whatever the encodings of the two servers.
final class SlotVerification {
    private let source: ServerConnection
    private let target: ServerConnection
    /// The keys of the slot that is under way, and their digest.
    private var keys: [[UInt8]] = []
    private var digest = ""
    /// Keys of all slots, from a source that cannot list those of one.
    private var allKeys: [Int: [[UInt8]]]?

    /// Values read before their answers are waited for.
    private static let pipeline = 128

    init(source: ServerConnection, target: ServerConnection) {
        self.source = source
        self.target = target
    }

    /// Notes what a slot holds. O(slot), in memory, too.
    func remember(_ slot: Int) throws(SlotMoveError) {
        (keys, digest) = try read(keysOfSlot(slot), from: source)
    }

    /// What is different at the target; `nil` if nothing is.
    func difference(_ slot: Int) throws(SlotMoveError) -> String? {
        let (found, digest) = try read(keys, from: target)
        if found.count != keys.count {
            return "\(keys.count) keys were there, \(found.count) of them are at the target"
        }
        return digest == self.digest ? nil : "the digest was \(self.digest), and is \(digest) at the target"
    }

    /// Those of the keys that a server has, and the digest of them.
    private func read(
        _ keys: [[UInt8]], from server: ServerConnection
    ) throws(SlotMoveError) -> (keys: [[UInt8]], digest: String) {
        var found: [[UInt8]] = []
        // A place for values whose entries can be looked at.
        var keyspace = Keyspace(databaseCount: 1, hashSeed: 0)
        for start in stride(from: 0, to: keys.count, by: Self.pipeline) {
            let part = keys[start..<min(start + Self.pipeline, keys.count)]
            for key in part {
                server.send([[UInt8]("PTTL".utf8), key])
                server.send([[UInt8]("DUMP".utf8), key])
            }
            for key in part {
                let expires = try server.receive().integer ?? -1 >= 0
                guard let payload = try server.receive().bytes else { continue }
                guard let value = try? ValuePayload.decode(payload.bytes, limits: EncodingLimits()) else {
                    throw .refused(server.name, "a value that cannot be read: \(key.bytes.text)")
                }
                keyspace[0].set(key.bytes, value, expiry: expires ? .at(.max) : .none)
                found.append(key)
            }
        }
        return (found, DatasetDigest(of: keyspace).hexadecimal)
    }

    private func keysOfSlot(_ slot: Int) throws(SlotMoveError) -> [[UInt8]] {
        if let allKeys { return allKeys[slot] ?? [] }
        if let keys = try scan({ cursor in ["SLOTSSCAN", String(slot), cursor, "COUNT", "1000"] }) {
            return Array(Set(keys))
        }
        let keys = try scan { cursor in ["SCAN", cursor, "COUNT", "1000"] } ?? []
        let grouped = Dictionary(grouping: Set(keys)) { SlotTag(of: $0.bytes).slot }
        allKeys = grouped
        return grouped[slot] ?? []
    }

    /// All that a scan gives; `nil` from a server that does not know the command.
    private func scan(_ command: (_ cursor: String) -> [String]) throws(SlotMoveError) -> [[UInt8]]? {
        var keys: [[UInt8]] = []
        var cursor = "0"
        repeat {
            source.send(command(cursor).map { [UInt8]($0.utf8) })
            guard let parts = try source.receive().items, parts.count == 2, let next = parts[0].bytes else {
                return nil
            }
            keys += parts[1].items?.compactMap(\.bytes) ?? []
            cursor = String(decoding: next, as: UTF8.self)
        } while cursor != "0"
        return keys
    }
}
