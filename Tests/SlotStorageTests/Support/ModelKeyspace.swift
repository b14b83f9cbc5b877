import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// What a database holds, kept in the simplest way.
struct ModelDatabase: Equatable {
    struct Item: Equatable {
        var string: [UInt8]
        var expiry: Int64?
        /// Whether the text is kept as an integer: canonical numbers are, until they are changed in place.
        var isInteger: Bool

        init(_ string: [UInt8], expiry: Int64?) {
            self.string = string
            self.expiry = expiry
            isInteger = Int64(canonical: string.raw) != nil
        }
    }

    var items: [[UInt8]: Item] = [:]

    mutating func set(_ key: [UInt8], _ string: [UInt8], _ expiry: Database.Expiry) {
        let time: Int64? =
            switch expiry {
            case .keep: items[key]?.expiry
            case .none: nil
            case .at(let time): time
            }
        items[key] = Item(string, expiry: time)
    }
}

extension Database {
    /// What is wrong with an entry, if anything is.
    func complaint(about key: [UInt8], expecting item: ModelDatabase.Item?) -> String? {
        guard let entry = find(key.raw) else { return item == nil ? nil : "not found" }
        guard let item else { return "found" }
        if entry.keyCopy != key { return "another key" }
        if entry.type != .string { return "type \(entry.type)" }
        if entry.expiry != item.expiry { return "expiry \(String(describing: entry.expiry))" }
        if (entry.encoding == .integer) != item.isInteger { return "encoding \(entry.encoding)" }
        if entry.stringLength != item.string.count { return "length \(entry.stringLength)" }
        if entry.stringCopy != item.string { return "another string" }
        if entry.isTagged != SlotTag(of: key.raw).isTagged { return "tagged: \(entry.isTagged)" }
        if entry.isPinned { return "pinned" }
        return nil
    }

    /// What is wrong with the whole database, if anything is.
    func complaint(expecting model: ModelDatabase) -> String? {
        if count != model.items.count { return "\(count) keys, not \(model.items.count)" }
        let expiring = model.items.filter { $0.value.expiry != nil }
        if expiringCount != expiring.count { return "\(expiringCount) keys expire, not \(expiring.count)" }
        for (key, item) in model.items {
            if let complaint = complaint(about: key, expecting: item) { return "\(key.prefix(20)): \(complaint)" }
        }
        var keys: [[UInt8]] = []
        forEach { keys.append($0.keyCopy) }
        if keys.count != model.items.count || Set(keys) != Set(model.items.keys) { return "forEach visits other keys" }
        return slotComplaint(model) ?? tagComplaint(model)
    }

    private func slotComplaint(_ model: ModelDatabase) -> String? {
        let slots = Dictionary(grouping: model.items.keys) { SlotTag(of: $0.raw).slot }
        for slot in 0..<SlotTag.slotCount {
            let expected = Set(slots[slot] ?? [])
            if count(inSlot: slot) != expected.count { return "\(count(inSlot: slot)) keys in slot \(slot)" }
            if expected.isEmpty { continue }
            let expiring = expected.filter { model.items[$0]?.expiry != nil }
            if expiringCount(inSlot: slot) != expiring.count {
                return "\(expiringCount(inSlot: slot)) expire in slot \(slot)"
            }
            var visited: [[UInt8]] = []
            for bucket in 0..<bucketCount(inSlot: slot) {
                forEachExpiring(inSlot: slot, bucket: bucket) { visited.append($0.keyCopy) }
            }
            if visited.count != expiring.count || Set(visited) != expiring { return "expiring keys of slot \(slot)" }
            visited = []
            var cursor: UInt64 = 0
            repeat { cursor = scan(slot: slot, cursor: cursor) { visited.append($0.keyCopy) } } while cursor != 0
            if visited.count != expected.count || Set(visited) != expected { return "the scan of slot \(slot)" }
            visited = []
            forEachTagged(inSlot: slot) { visited.append($0.keyCopy) }
            let tagged = expected.filter { SlotTag(of: $0.raw).isTagged }
            if visited.count != tagged.count || Set(visited) != tagged { return "the tag index of slot \(slot)" }
        }
        return nil
    }

    private func tagComplaint(_ model: ModelDatabase) -> String? {
        let tagged = model.items.keys.filter { SlotTag(of: $0.raw).isTagged }
        for (crc, keys) in Dictionary(grouping: tagged, by: { SlotTag(of: $0.raw).crc }) {
            let group = tagGroup(crc).map(\.keyCopy)
            if group != keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) { return "tag group \(crc)" }
        }
        return nil
    }
}
