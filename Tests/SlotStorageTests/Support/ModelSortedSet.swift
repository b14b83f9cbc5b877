import Memory

@testable import SlotStorage
import TestSupport

/// What a sorted set holds, kept in the simplest way.
struct ModelSortedSet {
    var scores: [[UInt8]: Double] = [:]
    /// Whether the set has outgrown the compact form.
    private(set) var isTree = false

    struct Item: Equatable {
        var member: [UInt8]
        var score: Double
    }

    /// The members in order.
    var items: [Item] {
        scores.map { Item(member: $0.key, score: $0.value) }.sorted {
            $0.score != $1.score ? $0.score < $1.score : $0.member.lexicographicallyPrecedes($1.member)
        }
    }

    mutating func set(_ member: [UInt8], _ score: Double, _ limits: EncodingLimits) {
        let isNew = scores[member] == nil
        // An equal score changes nothing, not even the sign of zero.
        if scores[member] != score { scores[member] = score }
        if isNew, scores.count > limits.zsetMaxZiplistEntries || member.count > limits.zsetMaxZiplistValue {
            isTree = true
        }
    }

    mutating func remove(_ ranks: Range<Int>) {
        for item in items[ranks] { scores[item.member] = nil }
    }
}

extension SortedSetValue {
    /// The members in a range of ranks, as the set tells them.
    func items(in ranks: Range<Int>? = nil, reversed: Bool = false) -> [ModelSortedSet.Item] {
        var items: [ModelSortedSet.Item] = []
        forEach(in: ranks ?? 0..<count, reversed: reversed) { member, score in
            items.append(ModelSortedSet.Item(member: member.array, score: score))
        }
        return items
    }

    /// What is wrong with the set, if anything is.
    func complaint(expecting model: ModelSortedSet) -> String? {
        let expected = model.items
        if count != expected.count { return "\(count) members, not \(expected.count)" }
        if isCompact == model.isTree { return "encoding \(encoding)" }
        if items() != expected { return "other members, or another order" }
        if items(reversed: true) != expected.reversed() { return "another order from the end" }
        for (rank, item) in expected.enumerated() {
            guard let score = score(of: item.member.raw) else { return "\(item.member) is not found" }
            // Both zeros are equal: their sign is compared by its text.
            if "\(score)" != "\(item.score)" { return "score \(score), not \(item.score)" }
            if self.rank(of: item.member.raw) != rank { return "the rank of \(item.member) is not \(rank)" }
        }
        if !isCompact, let complaint = tree.complaint { return complaint }
        return scanComplaint(expected)
    }

    private func scanComplaint(_ expected: [ModelSortedSet.Item]) -> String? {
        var visited: [[UInt8]: Double] = [:]
        var cursor: UInt64 = 0
        repeat {
            cursor = scan(cursor) { member in visited[member.withBytes { $0.array }] = member.score }
        } while cursor != 0
        let isRight = visited.count == expected.count && expected.allSatisfy { visited[$0.member] == $0.score }
        return isRight ? nil : "the scan visits other members"
    }

    /// A set of these members.
    static func make(_ items: [(String, Double)], _ limits: EncodingLimits = EncodingLimits()) -> SortedSetValue {
        var set = empty()
        for (member, score) in items { set.update([UInt8](member).raw, limits) { _ in score } }
        return set
    }
}

extension MemberTree {
    /// What is wrong with tree and index, if anything is.
    var complaint: String? {
        if index.count != tree.count { return "\(index.count) members in the index" }
        let members = tree.members(in: 0..<tree.count)
        if let complaint = tree.complaint(expecting: members) { return complaint }
        for (rank, member) in members.enumerated() {
            if rank > 0, !members[rank - 1].precedes(member) { return "members out of order at \(rank)" }
            if find(member.bytes) != member { return "a member that the index does not find" }
        }
        return nil
    }
}

extension EncodingLimits {
    init(entries: Int, value: Int = 64) {
        self.init()
        zsetMaxZiplistEntries = entries
        zsetMaxZiplistValue = value
    }
}
