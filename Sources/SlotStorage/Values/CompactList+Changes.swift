internal import Memory

/// Changing a compact list. All of it is O(size of the list), by moving what lies behind the change; `bytes` must not
/// be of the list itself.
extension CompactList {
    mutating func append(_ bytes: RawSpan) { insert(bytes, before: end) }

    mutating func prepend(_ bytes: RawSpan) { insert(bytes, before: Self.headerSize) }

    /// Inserts an entry, which is at `position` then. The position may be ``end``.
    mutating func insert(_ bytes: RawSpan, before position: Position) {
        let oldSize = byteCount
        let isAtEnd = position == end
        let form = EntryForm(bytes)
        let previousSize =
            isAtEnd ? last.map { entry(at: $0).size } ?? 0 : entryLink(at: position).previousSize
        let size = Self.linkSize(for: previousSize) + form.size
        if isAtEnd {
            resize(to: oldSize + size)
            tailOffset = position
        } else {
            // The next entry's link may need another size. Where it would shrink by more than the new entry takes, it
            // stays wide: nothing must become smaller than it was while bytes move.
            var change = Self.linkSize(for: size) - entryLink(at: position).size
            let staysWide = change < 0 && size < -change
            if staysWide { change = 0 }
            let nextIsLast = tailOffset == position
            resize(to: oldSize + size + change)
            move(oldSize - position - 1 + change, from: position - change, to: position + size)
            writeLink(to: size, at: position + size, wide: staysWide)
            tailOffset += size + (nextIsLast ? 0 : change)
            if change != 0 { relink(after: position + size) }
        }
        writeLink(to: previousSize, at: position, wide: false)
        writeContent(bytes, form, at: position + Self.linkSize(for: previousSize))
        adjustCount(by: 1)
    }

    /// Removes an entry. Answers where the next one is now, if there is one.
    @discardableResult
    mutating func remove(at position: Position) -> Position? {
        removeEntries(at: position, count: 1)
        return position == end ? nil : position
    }

    /// Removes up to `count` entries from the one at `index` on; negative indices count from the end.
    mutating func remove(from index: Int, count: Int) {
        if let position = position(at: index) { removeEntries(at: position, count: count) }
    }

    /// Puts another text in the place of an entry's.
    mutating func replace(at position: Position, with bytes: RawSpan) {
        if replaceInPlace(at: position, bytes) { return }
        removeEntries(at: position, count: 1)
        insert(bytes, before: position)
    }

    /// Replaces an entry where nothing else has to change, as if it had been removed and inserted.
    private func replaceInPlace(at position: Position, _ bytes: RawSpan) -> Bool {
        let old = entry(at: position)
        let form = EntryForm(bytes)
        let ownLinkSize = Self.linkSize(for: old.link.previousSize)
        guard old.link.size == ownLinkSize, old.size == ownLinkSize + form.size else { return false }
        if old.end != end {
            let nextLinkSize = entryLink(at: old.end).size
            guard nextLinkSize == Self.linkSize(for: old.size), nextLinkSize == ownLinkSize else { return false }
        }
        writeContent(bytes, form, at: position + ownLinkSize)
        return true
    }

    /// Removes up to `count` entries from `position` on.
    mutating func removeEntries(at position: Position, count: Int) {
        var next = position
        var removed = 0
        while removed < count, next < end {
            next = entry(at: next).end
            removed += 1
        }
        guard removed > 0 else { return }
        let oldSize = byteCount
        let previousSize = entryLink(at: position).previousSize
        var change = 0
        if next == end {
            tailOffset = position - previousSize
            resize(to: position + 1)
        } else {
            // The link of the next entry may take more bytes than it had: they come out of what is removed.
            change = Self.linkSize(for: previousSize) - entryLink(at: next).size
            let shift = next - change - position
            let nextIsLast = tailOffset == next
            writeLink(to: previousSize, at: position + shift, wide: false)
            tailOffset -= next - position - (nextIsLast ? 0 : change)
            move(oldSize - 1 - position - shift, from: position + shift, to: position)
            resize(to: oldSize - shift)
        }
        adjustCount(by: -removed)
        if change != 0 { relink(after: position) }
    }

    /// Mends the link behind the entry at `position`, whose size has changed. A link that has to become wide changes
    /// the size of its own entry, so this may go on through the list; links that could become narrow stay wide and end
    /// it.
    private mutating func relink(after position: Position) {
        let firstSize = entry(at: position).size
        let start = position + firstSize
        var next = start
        var size = firstSize
        var widened = 0
        var lastWidened = start
        while next < end {
            let entry = entry(at: next)
            if entry.link.previousSize == size { break }
            if entry.link.size >= Self.linkSize(for: size) {
                writeLink(to: size, at: next, wide: entry.link.size == Self.wideLinkSize)
                break
            }
            widened += 1
            lastWidened = next
            size = entry.size + Self.wideLinkSize - 1
            next = entry.end
        }
        if widened > 0 { widenLinks(widened, from: lastWidened, to: next, firstPreviousSize: firstSize) }
    }

    /// Makes the links of `count` entries that follow each other wide. The last is at `last` and ends at `end`; the
    /// first follows an entry of `firstPreviousSize` bytes. Moves every byte once, the last first.
    private mutating func widenLinks(_ count: Int, from last: Position, to end: Position, firstPreviousSize: Int) {
        let growth = Self.wideLinkSize - 1
        let oldSize = byteCount
        let lastIsTail = tailOffset == last
        resize(to: oldSize + count * growth)
        move(oldSize - 1 - end, from: end, to: end + count * growth)
        tailOffset += (lastIsTail ? count - 1 : count) * growth
        var position = last
        var end = end
        for remaining in stride(from: count - 1, through: 0, by: -1) {
            // The old link: one byte, and right for all but the first.
            let previousSize = Int(load(at: position))
            let moved = position + remaining * growth
            move(end - position - 1, from: position + 1, to: moved + Self.wideLinkSize)
            writeLink(to: remaining == 0 ? firstPreviousSize : previousSize + growth, at: moved, wide: true)
            end = position
            position -= previousSize
        }
    }
}
