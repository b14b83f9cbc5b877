/// A place in a list, at an element. Valid until the list changes.
struct ListCursor {
    /// The chunk that the element is in; `nil` in a compact list.
    private var chunk: ListChunk?
    /// The compact list with the element.
    private(set) var list: CompactList
    private(set) var position: CompactList.Position

    init(_ list: CompactList, _ position: CompactList.Position, chunk: ListChunk? = nil) {
        self.chunk = chunk
        self.list = list
        self.position = position
    }

    /// Goes to the next element; `false` at the last. O(1).
    @discardableResult
    mutating func moveForward() -> Bool {
        if let next = list.next(after: position) {
            position = next
            return true
        }
        guard let next = chunk?.next else { return false }
        chunk = next
        list = next.list
        position = CompactList.headerSize
        return true
    }

    /// Goes to the element before; `false` at the first. O(1).
    @discardableResult
    mutating func moveBackward() -> Bool {
        if let previous = list.previous(before: position) {
            position = previous
            return true
        }
        guard let previous = chunk?.previous else { return false }
        chunk = previous
        list = previous.list
        position = list.tailOffset
        return true
    }
}

extension ListValue {
    /// The place of the element at `index`, from the nearer end; `nil` where there is none.
    func cursor(at index: Int) -> ListCursor? {
        guard index >= 0 else { return nil }
        if isCompact { return compact.position(at: index).map { ListCursor(compact, $0) } }
        guard let (chunk, offset) = chunks.locate(index) else { return nil }
        let list = chunk.list
        return list.position(at: offset).map { ListCursor(list, $0, chunk: chunk) }
    }
}
