import Memory
import RESP

/// Reads the commands of an append-only file, one after the other, and knows at which byte each of them begins.
///
/// The file is a run of requests as clients send them (`aof.c` of Redis): multibulk, a SELECT where the database
/// changes, MULTI and EXEC around what has to stay together.
struct AppendOnlyFileReader: ~Copyable {
    enum Item {
        /// The next command is in ``AppendOnlyFileReader/request``.
        case command
        case end
        /// The file ends within a command.
        case truncated
    }

    /// Bytes read at a time.
    static let portion = 1 << 20

    private let file: DataFile
    private var parser = RecordedRequestParser()
    /// Bytes of the file from ``offset`` on; those before ``consumed`` have been looked at.
    private var buffer = ByteBuffer()
    private var consumed = 0
    /// Where in `buffer` the present command begins.
    private var start = 0
    /// Bytes of the file that have been read.
    private(set) var bytesRead: Int

    /// Reads from `offset` on, where `file` must stand.
    init(_ file: consuming DataFile, from offset: Int = 0) {
        self.file = file
        bytesRead = offset
    }

    /// Where the present command begins, or what could not be read.
    var offset: Int { bytesRead - buffer.count + start }

    /// The first byte behind what was read as commands.
    var end: Int { bytesRead - buffer.count + consumed }

    /// The command that ``next()`` found.
    var request: Request {
        @_lifetime(borrow self)
        get { parser.request(in: buffer.bytes.extracting(start..<buffer.count)) }
    }

    /// Moves on to the next command.
    mutating func next() throws(AppendOnlyFileError) -> Item {
        while true {
            start = consumed
            switch Self.parse(&parser, buffer, from: start) {
            case .request(let length):
                consumed += length
                return .command
            case .annotation(let length):
                consumed += length
            case .failure(let failure):
                throw AppendOnlyFileError(offset: offset + failure.offset, cause: .malformed(failure.cause))
            case .incomplete:
                if try !readMore() { return start == buffer.count ? .end : .truncated }
            }
        }
    }

    private static func parse(
        _ parser: inout RecordedRequestParser, _ buffer: borrowing ByteBuffer, from start: Int
    ) -> RecordedRequestParser.Outcome {
        parser.parse(buffer.bytes.extracting(start..<buffer.count))
    }

    /// Reads a portion, a larger one where a command is long, so that it is not looked at all too often. `false` at the
    /// end of the file.
    private mutating func readMore() throws(AppendOnlyFileError) -> Bool {
        buffer.removePrefix(start)
        (start, consumed) = (0, 0)
        do throws(SystemError) {
            let count = try file.read(upTo: max(Self.portion, buffer.count), into: &buffer)
            bytesRead += count
            return count > 0
        } catch {
            throw AppendOnlyFileError(offset: bytesRead, cause: .system(error))
        }
    }
}
