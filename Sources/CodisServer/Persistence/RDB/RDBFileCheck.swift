import Glibc
import Memory
import SlotStorage

/// Looks whether an RDB file can be read to its end, and what is in it: what `check-rdb` does.
public struct RDBFileCheck {
    /// What keeps a file from being read or repaired.
    public struct Failure: Error {
        public let description: String
    }

    /// Keys of one database.
    public struct Contents {
        public internal(set) var keys = 0
        /// Keys with a time of expiry, and those whose time has passed.
        public internal(set) var expiring = 0
        public internal(set) var expired = 0
        /// Keys by the names of their types.
        public internal(set) var types: [String: Int] = [:]
    }

    /// Bytes of the file.
    public private(set) var size = 0
    /// The version of the format; 0 where it could not be read.
    public private(set) var version = 0
    /// What the writer says of itself, by name.
    public private(set) var remarks: [(name: String, value: String)] = []
    /// What was read, by the number of the database.
    public private(set) var databases: [Int: Contents] = [:]
    /// Bytes up to the end of the last whole key or operation.
    public private(set) var soundLength = 0
    /// Bytes of a file that has been read to its end.
    public private(set) var length = 0
    /// Why the file could not be read to its end; `nil` for a file in order.
    public private(set) var problem: String?

    /// Reads the whole file. `progress` gets the number of bytes read, now and then.
    public init(path: String, progress: (Int) -> Void) throws(Failure) {
        do throws(SystemError) {
            let file = try DataFile.open(path, .read)
            size = try file.size()
            try read(file, progress)
        } catch {
            throw Failure(description: "Cannot read the file \(path): \(error.description)")
        }
    }

    /// Keys in all databases.
    public var keys: Int { databases.values.reduce(0) { $0 + $1.keys } }

    private mutating func read(_ file: borrowing DataFile, _ progress: (Int) -> Void) throws(SystemError) {
        // Any server may have written it, with whatever number of databases.
        var reader = RDBFileReader(databaseCount: .max, limits: EncodingLimits())
        let now = Clock.microsecondsNow() / 1000
        while readAll(from: &reader, at: now) {
            progress(reader.bytesRead)
            if try file.read(upTo: 1 << 20, into: &reader) == 0 { reader.endInput() }
        }
        progress(reader.bytesRead)
        (version, soundLength, length) = (reader.version, reader.soundLength, reader.bytesRead)
    }

    /// Reads all that is there. `true` when more is needed.
    private mutating func readAll(from reader: inout RDBFileReader, at now: Int64) -> Bool {
        do throws(RDBFileError) {
            while true {
                switch try reader.next() {
                case .needsInput: return true
                case .working: break
                case .remark: remarks.append((reader.key.text, reader.text.text))
                case .entry(let entry): databases[entry.database, default: Contents()].count(entry, at: now)
                case .end: return false
                }
            }
        } catch {
            problem = error.description
            return false
        }
    }
}

extension RDBFileCheck {
    /// Whether something can be kept of a damaged file.
    public var isRepairable: Bool { problem != nil && version > 0 }

    /// Cuts off everything behind the sound part and ends the file there, so that servers read it. What the file said
    /// behind that place is lost.
    public func repair(path: String) throws(Failure) {
        do throws(SystemError) {
            let ending = try ending(path)
            let file = try DataFile.open(path, .repair)
            try file.truncate(to: soundLength)
            let end = try DataFile.open(path, .append)
            guard try end.write(ending.bytes) == ending.count else { throw SystemError(ENOSPC) }
            try end.synchronize()
        } catch {
            throw Failure(description: "Failed to repair \(path): \(error.description)")
        }
    }

    /// What belongs behind the sound part: the end, and the checksum of all before if the version has one.
    private func ending(_ path: String) throws(SystemError) -> [UInt8] {
        let end = RDBFileReader.endOperation
        guard version >= RDBFileReader.firstVersionWithChecksum else { return [end] }
        let file = try DataFile.open(path, .read)
        var checksum: UInt64 = 0
        var left = soundLength
        var portion = ByteBuffer()
        while left > 0 {
            portion.removeAll()
            let count = try file.read(upTo: min(left, 1 << 20), into: &portion)
            guard count > 0 else { throw SystemError(EIO) }
            checksum = CRC64.checksum(portion.bytes, continuing: checksum)
            left -= count
        }
        checksum = CRC64.checksum([end].bytes, continuing: checksum)
        return [end] + (0..<8).map { UInt8(truncatingIfNeeded: checksum >> UInt64(8 * $0)) }
    }
}

extension RDBFileCheck.Contents {
    fileprivate mutating func count(_ entry: RDBEntry, at now: Int64) {
        keys += 1
        if let expiry = entry.expiry {
            expiring += 1
            if expiry < now { expired += 1 }
        }
        types["\(entry.type.name)", default: 0] += 1
        if case .value(let value) = entry.content { value.free() }
    }
}
