import Memory
import RESP

/// Looks whether an append-only file can be read to its end: what `check-aof` does.
///
/// It knows the form of such files and their transactions, and nothing of commands: a server may have renamed them.
public struct AppendOnlyFileCheck {
    /// What keeps a file from being read or repaired.
    public struct Failure: Error {
        public let description: String
    }

    /// Where the file stops to make sense, and why.
    public struct Problem {
        public let offset: Int
        public let description: String
    }

    /// Bytes of the file.
    public let size: Int
    /// Bytes up to the end of the last whole command outside a transaction, or of the last whole transaction.
    public let soundLength: Int
    /// `nil` for a file in order.
    public let problem: Problem?

    /// Reads the whole file. `progress` gets the number of bytes read, now and then.
    public init(path: String, progress: (Int) -> Void) throws(Failure) {
        do throws(SystemError) {
            let file = try DataFile.open(path, .read)
            size = try file.size()
            (soundLength, problem) = Self.check(file, progress)
        } catch {
            throw Failure(description: "Cannot open file \(path): \(error.description)")
        }
    }

    /// Cuts off everything behind the sound part.
    public func repair(path: String) throws(Failure) {
        do throws(SystemError) {
            let file = try DataFile.open(path, .repair)
            try file.truncate(to: soundLength)
            try file.synchronize()
        } catch {
            throw Failure(description: "Failed to truncate \(path): \(error.description)")
        }
    }

    private static func check(_ file: consuming DataFile, _ progress: (Int) -> Void) -> (Int, Problem?) {
        var transactionStart: Int?
        var soundLength = 0
        do throws(AppendOnlyFileError) {
            if try AppendOnlyFilePreamble.isThere(in: file) {
                soundLength = try AppendOnlyFilePreamble.check(file, progress: progress)
            }
            var reader = AppendOnlyFileReader(file, from: soundLength)
            var reported = soundLength
            while true {
                let item = try reader.next()
                if reader.bytesRead != reported {
                    reported = reader.bytesRead
                    progress(reported)
                }
                guard case .command = item else {
                    if case .end = item, transactionStart == nil { return (reader.end, nil) }
                    throw AppendOnlyFileError(offset: transactionStart ?? reader.offset, cause: .truncated)
                }
                try follow(reader.request[0], at: reader.offset, &transactionStart)
                if transactionStart == nil { soundLength = reader.end }
            }
        } catch {
            return (soundLength, Problem(offset: error.offset, description: error.description))
        }
    }

    /// Keeps track of where the open transaction began.
    private static func follow(
        _ name: RawSpan, at offset: Int, _ transactionStart: inout Int?
    ) throws(AppendOnlyFileError) {
        if name.equalsIgnoringCase("multi") {
            guard transactionStart == nil else { throw AppendOnlyFileError(offset: offset, cause: .nestedMulti) }
            transactionStart = offset
        } else if name.equalsIgnoringCase("exec") {
            guard transactionStart != nil else { throw AppendOnlyFileError(offset: offset, cause: .execWithoutMulti) }
            transactionStart = nil
        }
    }
}
