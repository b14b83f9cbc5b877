internal import Glibc

/// The order of text in the language of the process: C's `strcoll`, by the environment's `LC_COLLATE`.
public enum Collation {
    /// Takes the language from the environment (`LC_ALL`, `LC_COLLATE`, `LANG`); before this, text is ordered by its
    /// bytes. To be called before there are other threads.
    public static func adoptEnvironment() { unsafe setlocale(LC_COLLATE, "") }

    /// Appends bytes to `keys` whose order is that of the text. What is behind a NUL byte counts only where text is
    /// ordered by its bytes. O(n).
    public static func appendKey(of text: RawSpan, to keys: inout ByteBuffer) {
        if isByteOrder { return keys.append(text) }
        let length = text.firstIndex(of: 0) ?? text.byteCount
        var source = ByteBuffer(copying: text.extracting(0..<length))
        source.append(0)
        unsafe source.bytes.withUnsafeBytes { source in
            let start = unsafe source.bindMemory(to: CChar.self).baseAddress
            // It is never empty, since it ends with a NUL byte.
            guard let start = unsafe start else { return }
            let needed = unsafe strxfrm(nil, start, 0)
            _ = unsafe keys.append(upTo: needed + 1) { room in
                unsafe strxfrm(room.bindMemory(to: CChar.self).baseAddress, start, room.count)
            }
        }
    }

    /// Whether the locale has no order of its own.
    private static var isByteOrder: Bool {
        guard let name = unsafe setlocale(LC_COLLATE, nil) else { return true }
        return unsafe strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0
    }
}
