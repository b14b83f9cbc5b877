import Memory
import RESP

/// The changes of the data set as commands, in the order of execution, for one listener: the append-only file, or the
/// replicas.
///
/// Whoever executes the stream from its beginning has the same data set. SELECT is put in where the database changes,
/// MULTI and EXEC around the commands of a transaction that has changed anything.
struct CommandStream: ~Copyable {
    /// What was executed since it was taken last.
    private(set) var commands = CommandBuffer()
    /// The database that a reader of the stream has selected; `nil` when that is not known.
    private(set) var database: Int?
    /// Whether MULTI was written and EXEC was not.
    private var isInTransaction = false

    /// Lets the next command tell its database, for a listener that begins here.
    mutating func forgetDatabase() { database = nil }

    /// Appends one command or more, which `write` writes.
    mutating func append(in database: Int, inTransaction: Bool, _ write: (inout CommandBuffer) -> Void) {
        if self.database != database {
            commands.array(2)
            commands.bulk("SELECT")
            commands.bulk(decimal: Int64(database))
            self.database = database
        }
        if inTransaction, !isInTransaction {
            commands.array(1)
            commands.bulk("MULTI")
            isInTransaction = true
        }
        write(&commands)
    }

    /// The transaction is over.
    mutating func endTransaction() {
        guard isInTransaction else { return }
        commands.array(1)
        commands.bulk("EXEC")
        isInTransaction = false
    }

    /// Begins anew, to be read behind `other`.
    mutating func begin(after other: borrowing CommandStream) {
        removeAll()
        database = other.database
        isInTransaction = other.isInTransaction
    }

    /// Appends what `other` has, which began behind this stream.
    mutating func append(_ other: borrowing CommandStream) {
        commands.append(encoded: other.commands.bytes)
        database = other.database
        isInTransaction = other.isInTransaction
    }

    /// Hands everything to a file. Answers whether a thread has to be asked to write it.
    mutating func move(to file: AppendOnlyFileWriter) -> Bool {
        defer { removeAll() }
        return file.enqueue(&commands)
    }

    /// Forgets what its listener has by now.
    mutating func removeAll() { commands.removeAll(keepingUpTo: Self.keptMemory) }

    /// Bytes of memory that are kept from one turn to the next.
    private static var keptMemory: Int { 64 * 1024 }
}
