import Glibc
import Memory

/// An open file of the data folder. It is closed when its owner lets go of it.
struct DataFile: ~Copyable {
    let descriptor: Int32

    enum Mode {
        case read
        /// What is written goes behind what there is; the file is made if it is not there.
        case append
        /// A new file for writing, in place of one that may be there.
        case create
        /// Reading, and cutting off what is behind some byte.
        case repair
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    static func open(_ path: String, _ mode: Mode) throws(SystemError) -> DataFile {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .append: O_WRONLY | O_APPEND | O_CREAT
            case .create: O_WRONLY | O_TRUNC | O_CREAT
            case .repair: O_RDWR
            }
        return DataFile(
            descriptor: try retryingInterrupts { unsafe Glibc.open(path, flags | O_CLOEXEC, mode_t(0o644)) })
    }

    /// Bytes in the file; throws for what is no regular file.
    func size() throws(SystemError) -> Int {
        var information = stat()
        _ = try retryingInterrupts { unsafe fstat(descriptor, &information) }
        guard information.st_mode & S_IFMT == S_IFREG else { throw SystemError(EINVAL) }
        return Int(information.st_size)
    }

    /// Reads up to `limit` bytes behind those in `buffer`, and answers how many there were; 0 at the end of the file.
    func read(upTo limit: Int, into buffer: inout ByteBuffer) throws(SystemError) -> Int {
        let descriptor = descriptor
        return try unsafe buffer.append(upTo: limit) { target throws(SystemError) in
            try retryingInterrupts { unsafe Glibc.read(descriptor, target.baseAddress, target.count) }
        }
    }

    /// Lets the next bytes be read, or written, at `offset`.
    func seek(to offset: Int) throws(SystemError) {
        _ = try retryingInterrupts { lseek(descriptor, offset, SEEK_SET) }
    }

    /// Writes what goes of `bytes`, and answers how many that was.
    func write(_ bytes: RawSpan) throws(SystemError) -> Int {
        try unsafe bytes.withUnsafeBytes { source throws(SystemError) in
            try retryingInterrupts { unsafe Glibc.write(descriptor, source.baseAddress, source.count) }
        }
    }

    /// Cuts off what is behind the first `length` bytes.
    func truncate(to length: Int) throws(SystemError) {
        _ = try retryingInterrupts { ftruncate(descriptor, length) }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws(SystemError) { try Self.synchronize(descriptor) }

    /// The same for the file behind a descriptor that somebody else keeps open.
    static func synchronize(_ descriptor: Int32) throws(SystemError) {
        _ = try retryingInterrupts { fdatasync(descriptor) }
    }

    /// Gives a file another name; one that had it loses it.
    static func rename(_ path: String, to newPath: String) throws(SystemError) {
        _ = try retryingInterrupts { unsafe Glibc.rename(path, newPath) }
    }

    /// Takes a file away, if it is there.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// Waits until the names of the files in the folder of `path` are on the disk.
    static func synchronizeFolder(of path: String) throws(SystemError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = try retryingInterrupts { unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try retryingInterrupts { fsync(descriptor) }
    }
}
