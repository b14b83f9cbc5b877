internal import Glibc

/// What a run of bytes is asked everywhere: equality, order, ASCII case.
extension RawSpan {
    /// The byte at `index`; traps outside the view.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < byteCount, "byte index out of range")
        return unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
    }

    /// The eight bytes from `offset` on as one word, the first in the lowest bits; `nil` where fewer are left.
    @inlinable
    public func word(at offset: Int) -> UInt64? {
        guard offset >= 0, byteCount - offset >= 8 else { return nil }
        return unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The same bytes in the same order. O(n).
    public func elementsEqual(_ other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        if byteCount == 0 { return true }
        return unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                guard let a = left.baseAddress, let b = right.baseAddress else { return false }
                return unsafe memcmp(a, b, left.count) == 0
            }
        }
    }

    /// Whether these bytes come before `other` in byte order, the shorter first where one begins the other. O(n).
    public func precedes(_ other: RawSpan) -> Bool { compare(other) < 0 }

    /// Negative, zero or positive as these bytes come before, equal or come after `other`, like `memcmp`. O(n).
    public func compare(_ other: RawSpan) -> Int {
        let common = min(byteCount, other.byteCount)
        let difference = unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right -> Int in
                guard common > 0, let a = left.baseAddress, let b = right.baseAddress else { return 0 }
                return unsafe Int(memcmp(a, b, common))
            }
        }
        return difference != 0 ? difference : byteCount - other.byteCount
    }

    /// Equal to `word` but for the case of ASCII letters. `word` is in lower case. O(n).
    public func equalsIgnoringCase(_ word: StaticString) -> Bool {
        guard byteCount == word.utf8CodeUnitCount else { return false }
        let start = unsafe word.utf8Start
        for index in 0..<byteCount {
            if unsafe self[index].lowercased != start[index] { return false }
        }
        return true
    }

    /// The position of the first `byte` at or after `start`. O(n).
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < byteCount else { return nil }
        return unsafe withUnsafeBytes { all in
            guard let base = all.baseAddress,
                let found = unsafe memchr(base + start, Int32(byte), all.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// Feeds the bytes to a hasher. O(n).
    public func hash(into hasher: inout Hasher) {
        unsafe withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// A copy as an array, for the cold paths.
    public var array: [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// A copy as text, invalid UTF-8 mended, for logs.
    public var text: String {
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension UInt8 {
    /// The lower-case letter for an ASCII capital, everything else as it is.
    @inlinable
    public var lowercased: UInt8 { self &- 65 < 26 ? self | 0x20 : self }

    /// Whether C's `isspace` says so in the C locale.
    @inlinable
    public var isSpace: Bool { self == 32 || (self >= 9 && self <= 13) }
}

extension StaticString {
    /// The literal's bytes, which live as long as the process.
    public var bytes: RawSpan {
        @_lifetime(immortal)
        get {
            let view = unsafe RawSpan(_unsafeStart: utf8Start, byteCount: utf8CodeUnitCount)
            return unsafe _overrideLifetime(view, copying: ())
        }
    }
}

extension Array where Element == UInt8 {
    /// The elements as a view.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(span.bytes, borrowing: self) }
    }
}
