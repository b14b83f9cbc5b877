internal import Memory

/// Changes in the middle. Chunks that get full are split, and those that get small are merged with a neighbour, so that
/// they stay a quarter full on average, however the list is changed; the ends are let shrink.
extension ChunkedList {
    /// Chunks are merged up to this: half full, so that the next change does not split them again.
    private static let mergeLimit = ListChunk.byteLimit / 2

    // MARK: Inserting

    /// Puts an element before the one at `index` of `chunk`, or behind its last.
    func insert(_ element: RawSpan, into chunk: ListChunk, at index: Int) {
        count += 1
        if index > 0, index < chunk.count {
            if chunk.hasRoom(for: element.byteCount) { return chunk.insert(element, at: index) }
            split(chunk, at: index)
            return insert(element, between: chunk, and: chunk.next)
        }
        insert(element, between: index == 0 ? chunk.previous : chunk, and: index == 0 ? chunk : chunk.next)
    }

    /// Puts an element between two chunks, one of which there must be: into the emptier one, or into a chunk of its
    /// own.
    private func insert(_ element: RawSpan, between left: ListChunk?, and right: ListChunk?) {
        let length = element.byteCount
        let leftHasRoom = left?.hasRoom(for: length) ?? false
        let rightHasRoom = right?.hasRoom(for: length) ?? false
        if let left, leftHasRoom, !rightHasRoom || left.fill <= right?.fill ?? 0 {
            left.insert(element, at: left.count)
        } else if let right, rightHasRoom {
            right.insert(element, at: 0)
        } else {
            link(.make(of: element), after: left)
        }
    }

    /// Moves the elements of `chunk` from `index` on to a new chunk behind it.
    private func split(_ chunk: ListChunk, at index: Int) {
        let rest = chunk.count - index
        let tail = ListChunk.make(CompactList.make(copying: chunk.list.bytes))
        tail.remove(from: 0, count: index)
        chunk.remove(from: index, count: rest)
        link(tail, after: chunk)
    }

    // MARK: Replacing

    /// Puts another element in the place of the one at `index` of `chunk`.
    func replace(_ index: Int, of chunk: ListChunk, with element: RawSpan) {
        var list = chunk.list
        guard let position = list.position(at: index) else { return }
        let growth = element.byteCount - list.length(at: position)
        if growth <= 0 || chunk.count == 1 || list.byteCount + growth <= ListChunk.byteLimit {
            list.replace(at: position, with: element)
            chunk.list = list
            if growth < 0 { mergeNeighbours(of: chunk) }
        } else {
            chunk.remove(from: index, count: 1)
            count -= 1
            insert(element, into: chunk, at: index)
        }
    }

    // MARK: Removing

    /// Removes up to `limit` elements that equal `element`, beginning at one end. Answers how many it were. O(n).
    func remove(_ element: RawSpan, limit: Int, from end: ListEnd) -> Int {
        var removed = 0
        var next = end == .head ? first : last
        // Whether the chunk before, in the direction of the walk, was changed.
        var hasChanged = false
        while let chunk = next, removed < limit {
            next = end == .head ? chunk.next : chunk.previous
            let passed = end == .head ? chunk.previous : chunk.next
            var list = chunk.list
            let found = list.removeAll(element, limit: limit - removed, from: end)
            removed += found
            if found == chunk.count {
                // The list is empty, and goes with its chunk.
                chunk.list = list
                unlink(chunk)
                hasChanged = true
                continue
            }
            chunk.list = list
            chunk.count -= found
            if hasChanged || found > 0, let passed {
                mergeIfSmall(end == .head ? passed : chunk, end == .head ? chunk : passed)
            }
            hasChanged = found > 0
        }
        count -= removed
        return removed
    }

    /// Removes everything outside of `range`. O(n / 512).
    func trim(to range: Range<Int>) {
        drop(count - range.upperBound, from: .tail)
        drop(range.lowerBound, from: .head)
    }

    private func drop(_ number: Int, from end: ListEnd) {
        var left = number
        while left > 0, let chunk = end == .head ? first : last {
            if chunk.count <= left {
                left -= chunk.count
                unlink(chunk)
            } else {
                chunk.remove(from: end == .head ? 0 : chunk.count - left, count: left)
                left = 0
            }
        }
        count -= number
    }

    // MARK: Merging

    private func mergeNeighbours(of chunk: ListChunk) {
        if let next = chunk.next { mergeIfSmall(chunk, next) }
        if let previous = chunk.previous { mergeIfSmall(previous, chunk) }
    }

    /// Moves the elements of `right` to its neighbour `left` where both are small.
    private func mergeIfSmall(_ left: ListChunk, _ right: ListChunk) {
        guard left.fill + right.fill <= Self.mergeLimit else { return }
        var list = left.list
        right.list.forEach { list.append($0) }
        left.list = list
        left.count += right.count
        unlink(right)
    }
}

extension CompactList {
    /// Removes up to `limit` entries that equal `text`, beginning at one end. Answers how many it were.
    mutating func removeAll(_ text: RawSpan, limit: Int, from end: ListEnd) -> Int {
        var removed = 0
        var next = end == .head ? first : last
        while let position = next, removed < limit {
            switch end {
            case .head:
                guard let found = find(text, from: position, skipping: 0) else { return removed }
                next = remove(at: found)
                removed += 1
            case .tail:
                next = previous(before: position)
                if equals(at: position, text) {
                    remove(at: position)
                    removed += 1
                }
            }
        }
        return removed
    }
}
