import Glibc
import Memory

/// One snapshot for one replica or several: from its beginning until the last of them has it.
final class FullSync {
    enum Form {
        /// It is written to a temporary file first, and sent with its length.
        case file(path: String)
        /// It is sent while it is made, and ends with a mark of 40 bytes.
        case stream(mark: String)
    }

    let form: Form
    /// Of the replication stream: the snapshot shows the data set of this moment.
    let offset: Int64
    /// What is said between the snapshot and the stream. A master's stream tells its database anew behind a snapshot;
    /// who hands on the stream of another master has to select the database that it is in.
    var prologue: [UInt8] = []
    /// The connections of those who get it.
    var members: Set<UInt64> = []

    /// The file, once it is there; -1 before.
    private(set) var descriptor: Int32 = -1
    private let closer: HelperThread
    private(set) var length: Int64 = 0

    /// What was made and not been sent to every member.
    var bytes = ByteStream()
    /// Nothing more is made.
    var isComplete = false

    init(_ form: Form, offset: Int64, closer: HelperThread) {
        self.form = form
        self.closer = closer
        self.offset = offset
    }

    // The system takes its time to let a large file go.
    deinit { if descriptor >= 0 { closer.submit(.closeFile(descriptor)) } }

    /// The offset at which a replica with the snapshot begins to count: the prologue counts as the last bytes of the
    /// stream before ``offset``, so that nobody gets out of step.
    var announcedOffset: Int64 { offset - Int64(prologue.count) }

    var isFile: Bool { if case .file = form { true } else { false } }

    /// Whether there is something to be sent.
    var isReadable: Bool { isFile ? descriptor >= 0 : true }

    /// The file is complete: opens it, and takes it out of its folder, where nobody is to find it.
    func openFile() throws(SystemError) {
        guard case .file(let path) = form else { preconditionFailure("a streamed snapshot has no file") }
        let opened = try retryingInterrupts { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        descriptor = opened
        unsafe unlink(path)
        length = Int64(try retryingInterrupts { lseek(opened, 0, SEEK_END) })
        isComplete = true
    }

    /// Sends a portion of the file, and answers how much the socket took.
    func sendFile(to socket: Int32, from position: Int64, atMost limit: Int) throws(SystemError) -> Int {
        var place = off_t(position)
        let count = min(Int64(limit), length - position)
        let descriptor = descriptor
        return try retryingInterrupts { unsafe sendfile(socket, descriptor, &place, Int(count)) }
    }
}
