internal import Memory

/// A string value that is made in the memory where it will stay, before a database gets it.
///
/// What it holds stays bytes, even where they spell a number.
@safe
public struct StringDraft: ~Copyable {
    private let block: StringBlock

    /// `bytes`, followed by zero bytes up to a length of `length`, with room for `spare` more bytes to come. O(n).
    public init(_ bytes: RawSpan, paddedTo length: Int = 0, spare: Int = 0) {
        block = StringBlock.allocate(count: max(bytes.byteCount, length), spare: spare)
        var content = self.bytes
        content.replaceBytes(from: 0, with: bytes)
        content.clear(from: bytes.byteCount)
    }

    deinit { block.free() }

    /// The string, to be changed in place.
    public var bytes: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            let all = unsafe UnsafeMutableRawBufferPointer(start: block.start, count: block.count)
            return unsafe _overrideLifetime(MutableRawSpan(_unsafeBytes: all), mutating: &self)
        }
    }

    /// The finished value, which is the caller's to give to a database or to free.
    consuming func finish() -> Value {
        let value = Value(string: block)
        discard self
        return value
    }
}

extension Database {
    /// Stores a finished string under `key` in the place of what is there. O(1), O(length) for a short string.
    public mutating func setString(_ key: RawSpan, _ draft: consuming StringDraft, expiry: Expiry = .none) {
        set(key, draft.finish(), expiry: expiry)
    }
}
