import Memory
import SlotStorage

/// Compares what a slot held before it moved with what the target holds then: which keys, and the digest of each with
/// its value and whether it expires (that of DEBUG DIGEST), whatever the encodings of the two servers. Keys that ended
/// meanwhile are not missed.
final class SlotVerification {
    private let source: ServerConnection
    private let target: ServerConnection
    /// A place for one value, whose digest is made of its entry.
    private var keyspace = Keyspace(databaseCount: 1, hashSeed: 0)
    /// What the slot that is under way held.
    private var values: [(key: [UInt8], value: Value)] = []
    /// Keys of all slots, from a source that cannot list those of one.
    private var allKeys: [Int: [[UInt8]]]?

    private struct Value {
        let digest: String
        /// When the key ends, in nanoseconds of `Clock.monotonic`.
        let end: Int64?
    }

    /// Values asked for before their answers are waited for.
    private static let pipeline = 128

    init(source: ServerConnection, target: ServerConnection) {
        self.source = source
        self.target = target
    }

    /// Notes what a slot holds. O(slot).
    func remember(_ slot: Int) throws(SlotMoveError) {
        let keys = try keysOfSlot(slot)
        values = zip(keys, try read(keys, from: source)).compactMap { key, value in value.map { (key, $0) } }
    }

    /// What is different at the target; `nil` if nothing is.
    func difference() throws(SlotMoveError) -> String? {
        let found = try read(values.map(\.key), from: target)
        let now = Clock.monotonicNow()
        var (missing, different) = (0, 0)
        for ((_, value), copy) in zip(values, found) {
            if let copy {
                different += copy.digest == value.digest ? 0 : 1
            } else if value.end.map({ $0 > now }) ?? true {
                missing += 1
            }
        }
        if missing + different == 0 { return nil }
        return "of \(values.count) keys \(missing) are missing at the target, and \(different) are different there"
    }

    /// The values of the keys, `nil` for those that a server does not have.
    private func read(_ keys: [[UInt8]], from server: ServerConnection) throws(SlotMoveError) -> [Value?] {
        var values: [Value?] = []
        for start in stride(from: 0, to: keys.count, by: Self.pipeline) {
            let part = keys[start..<min(start + Self.pipeline, keys.count)]
            for key in part {
                server.send([[UInt8]("PTTL".utf8), key])
                server.send([[UInt8]("DUMP".utf8), key])
            }
            for key in part {
                let left = try server.receive().integer ?? -1
                guard let payload = try server.receive().bytes else {
                    values.append(nil)
                    continue
                }
                let end = left < 0 ? nil : Clock.monotonicNow() + Int64(left) * 1_000_000
                values.append(Value(digest: try digest(of: key, payload, end != nil, server), end: end))
            }
        }
        return values
    }

    private func digest(
        of key: [UInt8], _ payload: [UInt8], _ expires: Bool, _ server: ServerConnection
    ) throws(SlotMoveError) -> String {
        guard let value = try? ValuePayload.decode(payload.bytes, limits: EncodingLimits()) else {
            throw .refused(server.name, "a value that cannot be read: \(key.bytes.text)")
        }
        keyspace[0].set(key.bytes, value, expiry: expires ? .at(.max) : .none)
        defer { keyspace[0].remove(key.bytes) }
        return DatasetDigest(of: keyspace).hexadecimal
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
