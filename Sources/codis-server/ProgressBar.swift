import Glibc

/// A line on the terminal that tells how far a long file has been read. Where standard error is no terminal, and for
/// short files, it shows nothing.
struct ProgressBar {
    /// Bytes from which on a file takes long enough to be watched.
    private static let leastSize = 16 << 20
    private static let width = 50

    /// 0 when nothing is shown.
    private let total: Int
    private var shownPercent = -1

    init(file: String) {
        var information = stat()
        let size = unsafe stat(file, &information) == 0 ? Int(information.st_size) : 0
        total = isatty(STDERR_FILENO) == 1 && size >= Self.leastSize ? size : 0
    }

    /// Shows how many bytes of the file have been read.
    mutating func update(to bytes: Int) {
        guard total > 0 else { return }
        let percent = min(100, bytes * 100 / total)
        guard percent != shownPercent else { return }
        shownPercent = percent
        let filled = percent * Self.width / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: Self.width - filled)
        write("\r[\(bar)] \(percent) %")
    }

    /// Leaves the line.
    func finish() {
        if shownPercent >= 0 { write("\n") }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
