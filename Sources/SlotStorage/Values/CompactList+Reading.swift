internal import Memory

extension CompactList {
    /// The integer that an entry is kept as; `nil` when it is bytes. O(1).
    func integer(at position: Position) -> Int64? { integer(of: entry(at: position)) }

    /// The bytes of an entry, `nil` when it is an integer. O(1).
    @_lifetime(borrow self)
    func string(at position: Position) -> RawSpan? {
        let entry = entry(at: position)
        return entry.isInteger ? nil : content(of: entry)
    }

    /// Lets `body` see the text of an entry; an integer is spelled out on the stack.
    func withBytes<Result: ~Copyable>(at position: Position, _ body: (RawSpan) -> Result) -> Result {
        let entry = entry(at: position)
        guard let number = integer(of: entry) else { return body(content(of: entry)) }
        return number.withDigits(body)
    }

    /// Shows the text of an entry to `body`, and answers the position behind it, which may be ``end``.
    @discardableResult
    func visit(_ position: Position, _ body: (RawSpan) -> Void) -> Position {
        let entry = entry(at: position)
        if let number = integer(of: entry) { number.withDigits(body) } else { body(content(of: entry)) }
        return entry.end
    }

    /// Shows the texts of all entries to `body`, in order. O(n).
    func forEach(_ body: (RawSpan) -> Void) {
        let end = self.end
        var position = Self.headerSize
        while position < end { position = visit(position, body) }
    }

    /// The index of the entry at `position`. O(n).
    func index(of position: Position) -> Int {
        var index = 0
        var current = Self.headerSize
        while current < position {
            current = entry(at: current).end
            index += 1
        }
        return index
    }

    /// The length of an entry's text in bytes. O(1).
    func length(at position: Position) -> Int {
        let entry = entry(at: position)
        return integer(of: entry)?.decimalWidth ?? entry.contentSize
    }

    /// Whether an entry's text is `bytes`. O(length).
    func equals(at position: Position, _ bytes: RawSpan) -> Bool {
        let entry = entry(at: position)
        guard let number = integer(of: entry) else { return content(of: entry).elementsEqual(bytes) }
        return Int64(canonical: bytes) == number
    }

    /// The first entry at `position` or behind whose text is `bytes`, when `skipped` entries are passed over after each
    /// one that is looked at: 1 finds fields of a hash, whose values lie between them. O(n).
    func find(_ bytes: RawSpan, from position: Position, skipping skipped: Int) -> Position? {
        // Only now and then is the text a number: it is read once.
        let number = Int64(canonical: bytes)
        let end = self.end
        var current = position
        while current < end {
            let entry = entry(at: current)
            if let candidate = integer(of: entry) {
                if candidate == number { return current }
            } else if entry.contentSize == bytes.byteCount, content(of: entry).elementsEqual(bytes) {
                return current
            }
            current = entry.end
            for _ in 0..<skipped where current < end { current = self.entry(at: current).end }
        }
        return nil
    }

    @_lifetime(borrow self)
    func content(of entry: EntryLayout) -> RawSpan {
        unsafe _overrideLifetime(
            RawSpan(_unsafeStart: base + entry.contentOffset, byteCount: entry.contentSize), borrowing: self)
    }

    func integer(of entry: EntryLayout) -> Int64? {
        guard entry.isInteger else { return nil }
        if entry.contentSize == 0 { return Int64(entry.code - IntegerCode.zero) }
        var bits: UInt64 = 0
        for index in 0..<entry.contentSize {
            bits |= UInt64(load(at: entry.contentOffset + index)) << UInt64(8 * index)
        }
        let unused = Int64(64 - 8 * entry.contentSize)
        return (Int64(bitPattern: bits) << unused) >> unused
    }
}
