import Glibc
import SlotStorage

extension DataFile {
    /// Reads up to `limit` bytes for a loader, and answers how many there were; 0 at the end of the file.
    func read(upTo limit: Int, into loader: inout KeyspaceLoader) throws(SystemError) -> Int {
        let descriptor = descriptor
        return try unsafe loader.append(upTo: limit) { target throws(SystemError) in
            try retryingInterrupts { unsafe Glibc.read(descriptor, target.baseAddress, target.count) }
        }
    }

    /// The same for a reader.
    func read(upTo limit: Int, into reader: inout RDBFileReader) throws(SystemError) -> Int {
        let descriptor = descriptor
        return try unsafe reader.append(upTo: limit) { target throws(SystemError) in
            try retryingInterrupts { unsafe Glibc.read(descriptor, target.baseAddress, target.count) }
        }
    }
}
