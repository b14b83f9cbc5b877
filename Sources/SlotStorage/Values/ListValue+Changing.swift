internal import Memory

/// The changes that commands make. Elements given must not lie in the list itself.
extension ListValue {
    /// Adds an element at one end. O(1), O(size) for a compact list.
    public mutating func push(_ element: RawSpan, to end: ListEnd, _ limits: EncodingLimits) {
        makeRoom(for: element, limits)
        if isCompact, compact.count >= limits.listMaxZiplistEntries { becomeChunks() }
        if !isCompact { return chunks.push(element, to: end) }
        switch end {
        case .head: compact.prepend(element)
        case .tail: compact.append(element)
        }
    }

    /// Shows the element at one end to `body` and removes it. The list must not be empty. O(1), O(size) for the head of
    /// a compact list.
    public mutating func pop(from end: ListEnd, _ body: (RawSpan) -> Void) {
        if !isCompact { return chunks.pop(from: end, body) }
        guard let position = end == .head ? compact.first : compact.last else { preconditionFailure("nothing to pop") }
        compact.visit(position, body)
        compact.remove(at: position)
    }

    /// Replaces the element at `index`; negative indices count from the end. `false` when there is none. O(n / 512).
    public mutating func set(at index: Int, to element: RawSpan, _ limits: EncodingLimits) -> Bool {
        // As in Redis, an element too long for a compact list changes it even when the index turns out to be wrong.
        makeRoom(for: element, limits)
        if isCompact {
            guard let position = compact.position(at: index) else { return false }
            compact.replace(at: position, with: element)
        } else {
            guard let (chunk, offset) = chunks.locate(index < 0 ? index + count : index) else { return false }
            chunks.replace(offset, of: chunk, with: element)
        }
        return true
    }

    /// A side of an element.
    public enum Side: Sendable {
        case before
        case after
    }

    /// Inserts an element beside the first that equals `pivot`. `false` when there is none. O(n).
    public mutating func insert(
        _ element: RawSpan, _ side: Side, pivot: RawSpan, _ limits: EncodingLimits
    ) -> Bool {
        // As in Redis, an element too long for a compact list changes it even when the pivot is not found.
        makeRoom(for: element, limits)
        guard isCompact else { return chunks.insert(element, side, pivot: pivot) }
        guard let first = compact.first, let found = compact.find(pivot, from: first, skipping: 0) else { return false }
        compact.insert(element, before: side == .before ? found : compact.next(after: found) ?? compact.end)
        if compact.count > limits.listMaxZiplistEntries { becomeChunks() }
        return true
    }

    /// Removes up to `limit` elements that equal `element`, beginning at one end. Answers how many it were. O(n).
    public mutating func remove(_ element: RawSpan, limit: Int, from end: ListEnd) -> Int {
        isCompact
            ? compact.removeAll(element, limit: limit, from: end) : chunks.remove(element, limit: limit, from: end)
    }

    /// Removes everything outside of `range`, which must be within the list. O(n / 512), O(size) for a compact list.
    public mutating func trim(to range: Range<Int>) {
        guard isCompact else { return chunks.trim(to: range) }
        compact.remove(from: range.upperBound, count: compact.count - range.upperBound)
        compact.remove(from: 0, count: range.lowerBound)
    }

    /// Leaves the compact encoding where it does not allow an element of this length.
    private mutating func makeRoom(for element: RawSpan, _ limits: EncodingLimits) {
        guard isCompact else { return }
        let length = element.byteCount
        // Redis makes numbers of arguments before it looks at their length.
        if length > limits.listMaxZiplistValue, Int64(canonical: element) == nil { becomeChunks() }
        if isCompact, !compact.hasRoom(for: length) { becomeChunks() }
    }

    /// Changes a compact list into chunks. O(n).
    mutating func becomeChunks() {
        let list = compact
        let chunked = ChunkedList.make()
        if list.byteCount <= ListChunk.byteLimit, list.count <= ListChunk.elementLimit, !list.isEmpty {
            chunked.append(list)
        } else {
            list.forEach { chunked.push($0, to: .tail) }
            list.free()
        }
        encoding = .chunks
        payload = chunked.payload
    }
}

extension ChunkedList {
    /// Inserts an element beside the first that equals `pivot`. `false` when there is none.
    fileprivate func insert(_ element: RawSpan, _ side: ListValue.Side, pivot: RawSpan) -> Bool {
        var next = first
        while let chunk = next {
            let list = chunk.list
            if let found = list.find(pivot, from: CompactList.headerSize, skipping: 0) {
                let index = list.index(of: found)
                insert(element, into: chunk, at: side == .before ? index : index + 1)
                return true
            }
            next = chunk.next
        }
        return false
    }
}
