import CLinux
import Glibc
import Memory
import SlotStorage
import Synchronization

/// A thread for what would hold the event loop: name resolution, freeing what is large, writing snapshots.
///
/// It gets owned things through a queue and gives nothing shared back: a job's result, if it has one, waits in a second
/// queue, and the event loop learns of it by a readable descriptor.
@safe
final class HelperThread: @unchecked Sendable {
    // Unchecked, since everything below is only touched with `lock` held, or never changes.

    enum Job: Sendable {
        /// Frees keys by ending the box.
        case free(DetachedBox)
        /// Looks up a host name for migration link `link`.
        case resolve(link: Int, host: String, port: Int)
        /// Writes a part of a snapshot.
        case write(SnapshotSink, SnapshotChunk, isLast: Bool)
        /// Gives a snapshot up.
        case discard(SnapshotSink)
        /// Writes what an append-only file has been given. Success is told only after a failure.
        case append(AppendOnlyFileWriter, isRetry: Bool)
        /// Writes what is left, and waits until the disk has it.
        case synchronize(AppendOnlyFileWriter)
        /// Waits until the disk has the name of the file. Told only if that fails.
        case synchronizeFolder(AppendOnlyFileWriter)
        /// Closes a file that may be large and have no name any more.
        case close(AppendOnlyFileWriter)
        /// Closes a file that may be large and has no name any more.
        case closeFile(Int32)
        /// Looks up the host name of the master, for the link with this number.
        case resolveMaster(link: Int, host: String, port: Int)
    }

    enum Result: Sendable {
        case resolved(link: Int, Swift.Result<[Socket.Address], AddressText.ResolveError>)
        /// News of the snapshot with this number.
        case snapshot(Int, SnapshotSink.Report)
        case appended(AppendOnlyFileWriter, SystemError?)
        case synchronized(AppendOnlyFileWriter, SystemError?)
        case masterResolved(link: Int, Swift.Result<[Socket.Address], AddressText.ResolveError>)
    }

    /// Keys or values that wait to be freed.
    struct Pending {
        var count = 0
        /// About.
        var bytes = 0

        fileprivate mutating func add(_ other: Pending) {
            count += other.count
            bytes += other.bytes
        }

        fileprivate mutating func subtract(_ other: Pending) {
            count -= other.count
            bytes -= other.bytes
        }
    }

    /// Readable when there are results.
    let descriptor: Int32
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wakeUp: UnsafeMutablePointer<pthread_cond_t>
    private var jobs: [Job] = []
    private var results: [Result] = []
    private var isRunning = false
    /// Of the thread that runs.
    private var counter: SharedCounter?
    /// What is to be freed, that job included which is under way.
    private var pending = Pending()
    /// Of the pending, what the job frees that is under way.
    private var freeing = Pending()
    /// Bytes allocated less bytes freed by the thread when that job began.
    private var balanceBeforeJob = 0
    /// Bytes allocated less bytes freed up to the last job that ended, by all threads there were.
    private let balance = Atomic<Int>(0)
    private let isBusy = Atomic<Bool>(false)

    /// Seconds without a job after which the thread ends. A process of one thread makes cheaper system calls: the
    /// kernel and the C
    /// library leave out what only several threads need, some percent of a small request.
    private static let idleLimit = 10

    /// The thread's nice value: above 0 it leaves the processor to others.
    private let niceness: Int32

    init(niceness: Int32 = 0) throws(SystemError) {
        self.niceness = niceness
        descriptor = try retryingInterrupts { eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)) }
        unsafe lock = .allocate(capacity: 1)
        unsafe wakeUp = .allocate(capacity: 1)
        _ = unsafe pthread_mutex_init(lock, nil)
        _ = unsafe pthread_cond_init(wakeUp, nil)
    }

    /// Queues a job, and starts the thread if it does not run.
    func submit(_ job: Job) {
        isBusy.store(true, ordering: .releasing)
        let starts = locked {
            jobs.append(job)
            pending.add(job.pending)
            defer { isRunning = true }
            return !isRunning
        }
        if starts { start() } else { _ = unsafe pthread_cond_signal(wakeUp) }
    }

    /// The results since the last call.
    func takeResults() -> [Result] {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
        return locked {
            defer { results.removeAll() }
            return results
        }
    }

    /// Bytes allocated less bytes freed by the thread. While it is at work, what it has done up to this moment.
    var memoryBalance: Int {
        let ended = balance.load(ordering: .acquiring)
        guard isBusy.load(ordering: .acquiring) else { return ended }
        return locked { counter.map { $0.balance + balanceOfEndedThreads } ?? ended }
    }

    private var balanceOfEndedThreads = 0

    /// What is to be freed. Of what is just being freed, the bytes that are not free yet.
    var pendingFrees: Pending {
        guard isBusy.load(ordering: .acquiring) else { return Pending() }
        return locked {
            var left = pending
            let freed = balanceBeforeJob - (counter?.balance ?? balanceBeforeJob)
            left.bytes -= min(max(freed, 0), freeing.bytes)
            return left
        }
    }

    private func start() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                // The one reference that `start` made.
                unsafe Unmanaged<HelperThread>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context)
        // A system that cannot make one more thread cannot go on for long; saying so beats waiting for ever.
        precondition(code == 0, "cannot start the helper thread: \(SystemError(code).description)")
        pthread_detach(thread)
    }

    private func run() {
        // 0 is the calling thread in Linux. Where it is refused the thread has the priority of all others.
        if niceness > 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
        let counter = SharedCounter()
        locked { self.counter = counter }
        while let job = nextJob(counter) {
            switch job {
            case .free(let box): box.free()
            case .resolve(let link, let host, let port):
                deliver(.resolved(link: link, Self.addresses(of: host, port)))
            case .closeFile(let descriptor): Glibc.close(descriptor)
            case .resolveMaster(let link, let host, let port):
                deliver(.masterResolved(link: link, Self.addresses(of: host, port)))
            case .write(let sink, let chunk, let isLast):
                for report in sink.take(chunk, isLast: isLast) { deliver(.snapshot(sink.number, report)) }
            case .discard(let sink):
                sink.discard()
            case .append(let writer, let isRetry):
                let failure = Self.failure(of: writer.writeOut)
                if isRetry || failure != nil { deliver(.appended(writer, failure)) }
            case .synchronize(let writer):
                if let failure = Self.failure(of: writer.writeOut) { deliver(.appended(writer, failure)) }
                deliver(.synchronized(writer, Self.failure(of: writer.synchronize)))
            case .synchronizeFolder(let writer):
                let failure = Self.failure { () throws(SystemError) in
                    try DataFile.synchronizeFolder(of: writer.path)
                }
                if failure != nil { deliver(.synchronized(writer, failure)) }
            case .close: break
            }
        }
    }

    private static func failure(of call: () throws(SystemError) -> Void) -> SystemError? {
        do throws(SystemError) {
            try call()
            return nil
        } catch {
            return error
        }
    }

    private static func addresses(
        of host: String, _ port: Int
    ) -> Swift.Result<[Socket.Address], AddressText.ResolveError> {
        Swift.Result { () throws(AddressText.ResolveError) in
            try AddressText.resolve(host: host, port: port, numericOnly: false)
        }
    }

    /// The next job; `nil` when none came for a while, and the thread is to end.
    private func nextJob(_ counter: SharedCounter) -> Job? {
        _ = unsafe pthread_mutex_lock(lock)
        defer { _ = unsafe pthread_mutex_unlock(lock) }
        balance.store(balanceOfEndedThreads + counter.balance, ordering: .releasing)
        pending.subtract(freeing)
        freeing = Pending()
        var deadline = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += Self.idleLimit
        while jobs.isEmpty {
            isBusy.store(false, ordering: .releasing)
            if unsafe pthread_cond_timedwait(wakeUp, lock, &deadline) == ETIMEDOUT, jobs.isEmpty {
                isRunning = false
                balanceOfEndedThreads += counter.balance
                self.counter = nil
                return nil
            }
        }
        isBusy.store(true, ordering: .releasing)
        let job = jobs.removeFirst()
        freeing = job.pending
        balanceBeforeJob = counter.balance
        return job
    }

    private func deliver(_ result: Result) {
        locked { results.append(result) }
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, 8)
    }

    private func locked<R>(_ body: () -> R) -> R {
        _ = unsafe pthread_mutex_lock(lock)
        defer { _ = unsafe pthread_mutex_unlock(lock) }
        return body()
    }
}

extension HelperThread.Job {
    /// What the job frees.
    fileprivate var pending: HelperThread.Pending {
        guard case .free(let box) = self else { return HelperThread.Pending() }
        return HelperThread.Pending(count: box.count, bytes: box.bytes)
    }
}
