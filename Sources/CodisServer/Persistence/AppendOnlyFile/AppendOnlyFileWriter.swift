import Memory
import RESP
import Synchronization

/// The end of an append-only file: takes commands from the event loop at any time, and gives them to the system on
/// whatever thread calls ``writeOut()``.
///
/// What was taken is written once and in order. Nothing is dropped when writing fails: the rest waits for the next try.
final class AppendOnlyFileWriter: Sendable {
    let path: String
    /// What waits to be written.
    private let queue = Mutex(Queue())
    /// What is being written; held as long as that takes.
    private let output: Mutex<Output>

    private struct Queue: ~Copyable {
        var bytes = ByteBuffer()
        /// Whether some thread has been asked to write, and has not ended that yet.
        var hasWriter = false
    }

    private struct Output: ~Copyable {
        let file: DataFile
        /// Bytes in the file.
        var size: Int
        var bytes = ByteBuffer()
        /// How many of `bytes` are in the file.
        var written = 0
    }

    /// Of the file in `output`, good as long as the writer.
    private let descriptor: Int32

    private init(_ path: String, _ output: consuming sending Output) {
        self.path = path
        descriptor = output.file.descriptor
        self.output = Mutex(output)
    }

    /// Opens the file to write behind what it has.
    static func open(_ path: String) throws(SystemError) -> AppendOnlyFileWriter {
        let file = try DataFile.open(path, .append)
        let size = try file.size()
        return AppendOnlyFileWriter(path, Output(file: file, size: size))
    }

    // MARK: The event loop

    /// Takes all of `commands`. Answers whether a thread has to be asked for ``writeOut()``.
    func enqueue(_ commands: inout CommandBuffer) -> Bool {
        queue.withLock { queue in
            commands.move(to: &queue.bytes)
            defer { queue.hasWriter = true }
            return !queue.hasWriter
        }
    }

    /// Bytes that wait.
    var backlog: Int { queue.withLock { $0.bytes.count } }

    /// Bytes in the file, once everything is written.
    var size: Int { output.withLock { $0.size } }

    // MARK: Any thread

    /// Writes everything that has been taken, and what is taken meanwhile. Throws what the system says; then the rest
    /// waits, and ``enqueue(_:)`` asks for another try.
    func writeOut() throws(SystemError) {
        let failure = output.withLock { output in
            while true {
                if let error = Self.write(&output) {
                    queue.withLock { $0.hasWriter = false }
                    return SystemError?.some(error)
                }
                let isDone = queue.withLock { queue in
                    if queue.bytes.isEmpty { queue.hasWriter = false }
                    swap(&queue.bytes, &output.bytes)
                    return !queue.hasWriter
                }
                if isDone { return nil }
            }
        }
        if let failure { throw failure }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws(SystemError) {
        // Writing may go on meanwhile.
        try DataFile.synchronize(descriptor)
    }

    /// Writes what is at hand. When the disk is full the file is cut back to whole commands.
    private static func write(_ output: inout Output) -> SystemError? {
        while output.written < output.bytes.count {
            do throws(SystemError) {
                output.written += try output.file.write(
                    output.bytes.bytes.extracting(output.written..<output.bytes.count))
            } catch {
                if (try? output.file.truncate(to: output.size)) != nil { output.written = 0 }
                return error
            }
        }
        output.size += output.written
        output.written = 0
        // The memory goes back to the event loop, which counts it, with the next exchange.
        output.bytes.removeAll()
        return nil
    }
}
