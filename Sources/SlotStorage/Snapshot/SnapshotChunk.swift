internal import Memory

/// A string in the output of an `RDBWriter` that has neither its length before it nor is compressed yet.
struct BareString: BitwiseCopyable {
    let offset: Int
    let length: Int
}

/// A part of a snapshot on its way from the thread that owns the data to the one that finishes it: strings compressed,
/// checksum added.
public final class SnapshotChunk: @unchecked Sendable {
    // Unchecked: the data thread fills it and lets go of it before another thread sees it.

    private var bytes: ByteBuffer
    private var bareStrings: [BareString]

    init(_ bytes: consuming ByteBuffer, _ bareStrings: [BareString]) {
        self.bytes = bytes
        self.bareStrings = bareStrings
    }

    /// Bytes as they came from the data thread.
    public var count: Int { bytes.count }

    /// Puts the strings into the form that they have in a file. To be called once, on the thread that writes it. O(n).
    func finish() {
        guard !bareStrings.isEmpty else { return }
        var writer = RDBWriter()
        writer.reserve(bytes.count)
        var written = 0
        for string in bareStrings {
            writer.append(bytes.bytes.extracting(written..<string.offset))
            written = string.offset + string.length
            writer.writeString(bytes.bytes.extracting(string.offset..<written))
        }
        writer.append(bytes.bytes.extracting(written..<bytes.count))
        bareStrings = []
        bytes = writer.takeOutput()
    }

    /// Lets `body` see the bytes.
    public func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        bytes.withBytes(body)
    }

    func append(_ more: RawSpan) { bytes.append(more) }
}

/// Makes finished bytes of the chunks of one snapshot, in their order.
public struct SnapshotFinisher {
    private let format: SnapshotFormat
    /// Whether an RDB file ends with its checksum (`rdbchecksum`); eight zero bytes say that it does not.
    private let hasChecksum: Bool
    private var checksum: UInt64 = 0

    public init(_ format: SnapshotFormat, hasChecksum: Bool) {
        self.format = format
        self.hasChecksum = hasChecksum && format == .rdb
    }

    /// Finishes a chunk. O(n).
    public mutating func finish(_ chunk: SnapshotChunk, isLast: Bool) {
        chunk.finish()
        if hasChecksum { chunk.withBytes { checksum = CRC64.checksum($0, continuing: checksum) } }
        guard isLast, format == .rdb else { return }
        var writer = RDBWriter()
        writer.appendLittleEndian(checksum, bytes: 8)
        chunk.append(writer.output.bytes)
    }
}

extension ByteBuffer {
    // Views of a class' property do not live long enough; those of a borrowed buffer do.
    fileprivate func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result { body(bytes) }
}
