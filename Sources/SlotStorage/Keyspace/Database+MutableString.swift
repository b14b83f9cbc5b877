public import Memory

/// Strings that are changed where they lie: APPEND, SETRANGE, SETBIT.
extension Database {
    /// Lets `body` change the bytes of the string at `key`, made at least `minimumLength` long with zero bytes. The key
    /// is created when it is not there, its expiry stays, and the result is kept as bytes even where it spells a number.
    ///
    /// O(length) for a short string, else O(bytes added) amortised. The key must be absent or hold a string.
    public mutating func modifyString(
        _ key: RawSpan, minimumLength: Int, _ body: (inout MutableRawSpan) -> Void
    ) {
        guard let entry = find(key) else {
            var bytes = ByteBuffer()
            bytes.appendZeros(minimumLength)
            modify(&bytes, body)
            return putString(key, bytes.bytes, spare: false)
        }
        precondition(entry.type == .string && !entry.isPinned, "not a string that may be changed")
        let length = max(entry.stringLength, minimumLength)
        switch entry.encoding {
        case .block:
            modifyBlock(of: entry, length: length, body)
        case .inline, .integer:
            var bytes = ByteBuffer()
            bytes.reserveExactly(length)
            entry.appendString(to: &bytes)
            bytes.appendZeros(length - bytes.count)
            modify(&bytes, body)
            putString(key, bytes.bytes, spare: true)
        }
    }

    private func modify(_ bytes: inout ByteBuffer, _ body: (inout MutableRawSpan) -> Void) {
        var span = bytes.mutableBytes
        body(&span)
    }

    private mutating func putString(_ key: RawSpan, _ bytes: RawSpan, spare: Bool) {
        if bytes.byteCount <= Entry.Header.longestInlineValue {
            setInline(key, bytes)
        } else {
            let block = StringBlock.allocate(
                count: bytes.byteCount, spare: spare ? Self.spare(for: bytes.byteCount) : 0)
            unsafe bytes.withUnsafeBytes { unsafe block.start.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            set(key, Value(string: block), expiry: .keep)
        }
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

    /// Room to grow into, as Redis' strings have it: as much again, at most 1 MiB.
    private static func spare(for length: Int) -> Int { min(length, 1 << 20) }
}

extension Entry {
    /// Appends the text of a string value, whatever its encoding. O(n).
    public func appendString(to buffer: inout ByteBuffer) {
        if encoding == .integer {
            var digits: [20 of UInt8] = .init(repeating: 0)
            let start = integer.writeDecimal(into: &digits)
            for index in start..<20 { buffer.append(digits[index]) }
        } else {
            buffer.append(bytes)
        }
    }
}
