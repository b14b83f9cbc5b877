import Foundation
import Testing

/// RDB files and the servers that write and read them.
extension ServerProcess {
    var dump: URL { directory.appendingPathComponent("dump.rdb") }

    /// Where the file is written before it gets its name.
    func temporaryDump() throws -> URL {
        guard let id = processID else { throw KitFailure("the server does not run") }
        return directory.appendingPathComponent("temp-\(id).rdb")
    }

    /// Waits until no BGSAVE runs, and answers how the last one ended: `ok` or `err`.
    func saveStatus() throws -> String? {
        try wait(for: "rdb_bgsave_in_progress", "0")
        return try information("rdb_last_bgsave_status")
    }
}

extension Reply {
    /// The text of a status or bulk.
    var text: String { bytes?.latin1 ?? "" }
}

/// What a real Redis finds in an RDB file, as DEBUG DIGEST tells it.
func digest(of file: URL, in peer: Peer) throws -> String {
    let server = try ServerProcess.start(peer)
    try FileManager.default.copyItem(at: file, to: server.dump)
    try server.restart(abruptly: true)
    return try digest(of: server, peer)
}

/// What DEBUG DIGEST says of a real Redis' data. That of the old ones fails while a table grows: they save, and Redis 7
/// reads that.
func digest(of server: ServerProcess, _ peer: Peer) throws -> String {
    if peer == .redis7_0 { return try server.digest() }
    guard try server.connect().call("SAVE") == .ok else { throw KitFailure("SAVE failed:\n\(server.log)") }
    return try digest(of: server.dump, in: .redis7_0)
}

/// A file that the server under test cannot finish before the test reads it: a pipe with the name of the temporary one.
///
/// So a save can be held for as long as a test likes. Since a pipe cannot be brought to a disk, it always fails.
final class HeldSave: @unchecked Sendable {
    // Unchecked: what changes is only touched by the test's own thread.
    private let path: URL
    private var reading: Running<Data>?

    init(of server: ServerProcess) throws {
        path = try server.temporaryDump()
        guard mkfifo(path.path, 0o600) == 0 else { throw KitFailure("cannot make \(path.path)") }
    }

    /// Lets the server go on.
    func release() {
        let path = path
        reading = Running { try FileHandle(forReadingFrom: path).readToEnd() ?? Data() }
    }

    /// The bytes of the file, when the server has written all.
    func contents() throws -> Data {
        guard let reading else { throw KitFailure("a save that was not released") }
        return try reading.value()
    }
}
