extension Entry {
    /// What a member takes beside its bytes, about; so that many tiny ones make a value long, too.
    private static let memberOverhead = 16

    /// Whether writing the value down takes more than `limit` bytes, about. O(1) for strings and compact collections
    /// and where the number of members alone says it, else O(members).
    func isLonger(than limit: Int) -> Bool {
        switch type {
        case .string: return encoding == .block && stringBlock.count > limit
        case .list: return list.isCompact ? list.compact.byteCount > limit : list.chunks.isLonger(than: limit)
        case .hash:
            if hash.encoding == .compactList { return hash.list.byteCount > limit }
            return isAnyLonger(than: limit, count: hash.count)
        case .set:
            if set.encoding == .integerSet { return set.integers.bytes.byteCount > limit }
            return isAnyLonger(than: limit, count: set.count)
        case .sortedSet:
            if sortedSet.isCompact { return sortedSet.compact.list.byteCount > limit }
            return isAnyLonger(than: limit, count: sortedSet.count)
        }
    }

    private func isAnyLonger(than limit: Int, count: Int) -> Bool {
        var length = count * Self.memberOverhead
        var cursor = MemberCursor(of: self)
        while length <= limit {
            guard let member = cursor.next() else { return false }
            switch member {
            case .element(let element): length += element.withBytes { $0.byteCount }
            case .field(let field): length += field.withName { $0.byteCount } + field.withValue { $0.byteCount }
            case .member(let member): length += member.integer == nil ? member.bytes.byteCount : 0
            case .scored(let member): length += member.withBytes { $0.byteCount }
            }
        }
        return true
    }
}

extension ChunkedList {
    /// O(chunks), but not beyond the limit.
    fileprivate func isLonger(than limit: Int) -> Bool {
        var length = 0
        var next = first
        while let chunk = next {
            length += chunk.list.byteCount
            if length > limit { return true }
            next = chunk.next
        }
        return false
    }
}
