public import Memory

/// Strings that are changed where they lie: APPEND, SETRANGE, SETBIT.
extension Database {
    /// Lets `body` change the bytes of the string at `key`, made at least `minimumLength` long with zero bytes. The key
    /// is created when it is not there, its expiry stays, and the result is kept as bytes even where it spells a
    /// number.
    ///
    /// O(1) where the length stays, O(length) for a short string that grows, else O(bytes added) amortised. The key
    /// must
    /// be absent or hold a string.
    public mutating func modifyString(
        _ key: RawSpan, minimumLength: Int, _ body: (inout MutableRawSpan) -> Void
    ) {
        guard let entry = find(key) else {
            return putString(key, StringDraft(RawSpan(), paddedTo: minimumLength), body)
        }
        precondition(entry.type == .string && !entry.isPinned, "not a string that may be changed")
        preserve(entry)
        let length = max(entry.stringLength, minimumLength)
        switch entry.encoding {
        case .block:
            modifyBlock(of: entry, length: length, body)
        case .inline where length == entry.stringLength:
            entry.modifyInline(body)
        case .inline, .integer:
            let draft = entry.withString { StringDraft($0, paddedTo: length, spare: Self.spare(for: length)) }
            putString(key, draft, body)
        case .compactList, .integerSet, .table, .chunks, .tree:
            preconditionFailure("not a string")
        }
    }

    private mutating func putString(
        _ key: RawSpan, _ draft: consuming StringDraft, _ body: (inout MutableRawSpan) -> Void
    ) {
        var draft = draft
        var span = draft.bytes
        body(&span)
        setString(key, draft, expiry: .keep)
    }

    private func modifyBlock(of entry: Entry, length: Int, _ body: (inout MutableRawSpan) -> Void) {
        var block = entry.stringBlock
        let old = block.count
        if length > block.capacity {
            block = block.grown(to: length + Self.spare(for: length))
            entry.payload = unsafe UInt64(UInt(bitPattern: block.base))
        }
        if length > old {
            unsafe (block.start + old).initializeMemory(as: UInt8.self, repeating: 0, count: length - old)
            block.count = length
        }
        var span = unsafe MutableRawSpan(
            _unsafeBytes: UnsafeMutableRawBufferPointer(start: block.start, count: length))
        body(&span)
    }

    /// Room to grow into, as Redis' strings have it: as much again, at most 1 MiB. A string that is kept behind its
    /// key has
    /// none.
    private static func spare(for length: Int) -> Int {
        length <= Entry.Header.longestInlineValue ? 0 : min(length, 1 << 20)
    }
}

extension Entry {
    /// Lets `body` change the bytes of an inline string, whose length stays.
    fileprivate func modifyInline(_ body: (inout MutableRawSpan) -> Void) {
        let start = unsafe base + header.keyOffset + keyLength
        var span = unsafe MutableRawSpan(
            _unsafeBytes: UnsafeMutableRawBufferPointer(start: start, count: header.inlineLength))
        body(&span)
    }

    /// Appends the text of a string value, whatever its encoding. O(n).
    public func appendString(to buffer: inout ByteBuffer) {
        withString { buffer.append($0) }
    }
}
