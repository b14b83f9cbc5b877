import Memory
import SlotStorage

/// The RDB file that may stand at the front of an append-only file, as Redis 4 and later write it
/// (`aof-use-rdb-preamble`). This server reads it and does not write it.
enum AppendOnlyFilePreamble {
    /// Whether the file begins with one; it is looked at from its start.
    static func isThere(in file: borrowing DataFile) throws(AppendOnlyFileError) -> Bool {
        do throws(SystemError) {
            var start = ByteBuffer()
            _ = try file.read(upTo: 5, into: &start)
            try file.seek(to: 0)
            return start.bytes.elementsEqual(StaticString("REDIS").bytes)
        } catch {
            throw AppendOnlyFileError(offset: 0, cause: .system(error))
        }
    }

    /// Reads it into `loader`, and leaves `file` standing behind it. `progress` gets the bytes read, and answers whether
    /// to go on. Answers where the commands begin, or `nil` if reading was not to go on.
    static func load(
        _ file: borrowing DataFile, into loader: inout KeyspaceLoader, progress: (Int) -> Bool
    ) throws(AppendOnlyFileError) -> Int? {
        while true {
            switch try step(&loader) {
            case .complete: return try moveBehind(loader.bytesRead, in: file)
            case .unfinished: break
            case .needsInput:
                let bytes = try readPortion(of: file, at: loader.bytesRead)
                if bytes.isEmpty { loader.endInput() } else { loader.append(bytes.bytes) }
            }
            guard progress(loader.bytesRead) else { return nil }
        }
    }

    /// Reads it and keeps nothing. Answers where the commands begin.
    static func check(_ file: borrowing DataFile, progress: (Int) -> Void) throws(AppendOnlyFileError) -> Int {
        var reader = RDBFileReader(databaseCount: .max, limits: Configuration().encodingLimits)
        while true {
            switch try step(&reader) {
            case .end: return try moveBehind(reader.bytesRead, in: file)
            case .entry(let entry):
                if case .value(let value) = entry.content { value.free() }
            case .needsInput:
                let bytes = try readPortion(of: file, at: reader.bytesRead)
                if bytes.isEmpty { reader.endInput() } else { reader.append(bytes.bytes) }
                progress(reader.bytesRead)
            case .working, .remark: break
            }
        }
    }

    /// Steps of loading between two looks at the progress.
    private static let stepsAtOnce = 10_000

    private static func step(_ loader: inout KeyspaceLoader) throws(AppendOnlyFileError) -> KeyspaceLoader.Progress {
        do throws(RDBFileError) {
            return try loader.load(atMost: stepsAtOnce)
        } catch {
            throw AppendOnlyFileError(offset: error.offset, cause: .preamble(error))
        }
    }

    private static func step(_ reader: inout RDBFileReader) throws(AppendOnlyFileError) -> RDBFileReader.Event {
        do throws(RDBFileError) {
            return try reader.next()
        } catch {
            throw AppendOnlyFileError(offset: error.offset, cause: .preamble(error))
        }
    }

    private static func readPortion(
        of file: borrowing DataFile, at offset: Int
    ) throws(AppendOnlyFileError) -> ByteBuffer {
        var bytes = ByteBuffer()
        do throws(SystemError) {
            _ = try file.read(upTo: AppendOnlyFileReader.portion, into: &bytes)
            return bytes
        } catch {
            throw AppendOnlyFileError(offset: offset, cause: .system(error))
        }
    }

    private static func moveBehind(_ offset: Int, in file: borrowing DataFile) throws(AppendOnlyFileError) -> Int {
        do throws(SystemError) {
            try file.seek(to: offset)
            return offset
        } catch {
            throw AppendOnlyFileError(offset: offset, cause: .system(error))
        }
    }
}
