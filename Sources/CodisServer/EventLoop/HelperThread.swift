import CLinux
import Glibc
import Memory

/// A thread for what would hold the event loop: name resolution, freeing what is large.
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
    }

    enum Result: Sendable {
        case resolved(link: Int, Swift.Result<[Socket.Address], AddressText.ResolveError>)
    }

    /// Readable when there are results.
    let descriptor: Int32
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wakeUp: UnsafeMutablePointer<pthread_cond_t>
    private var jobs: [Job] = []
    private var results: [Result] = []
    private var balance: (@Sendable () -> Int)?

    init() throws(SystemError) {
        descriptor = try retryingInterrupts { eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)) }
        unsafe lock = .allocate(capacity: 1)
        unsafe wakeUp = .allocate(capacity: 1)
        _ = unsafe pthread_mutex_init(lock, nil)
        _ = unsafe pthread_cond_init(wakeUp, nil)
    }

    /// Starts the thread, which lives as long as the process.
    func start() throws(SystemError) {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                // The one reference that `start` made.
                unsafe Unmanaged<HelperThread>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context)
        guard code == 0 else { throw SystemError(code) }
        pthread_detach(thread)
    }

    func submit(_ job: Job) {
        locked { jobs.append(job) }
        _ = unsafe pthread_cond_signal(wakeUp)
    }

    /// Jobs that have not ended.
    var pending: Int { locked { jobs.count } }

    /// The results since the last call.
    func takeResults() -> [Result] {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, 8)
        return locked {
            defer { results.removeAll() }
            return results
        }
    }

    /// Bytes allocated less bytes freed by the thread.
    var memoryBalance: Int { locked { balance }?() ?? 0 }

    private func run() {
        let counter = SharedCounter()
        locked { balance = { counter.balance } }
        while true {
            switch nextJob() {
            case .free(let box): box.free()
            case .resolve(let link, let host, let port):
                let result = Swift.Result { () throws(AddressText.ResolveError) in
                    try AddressText.resolve(host: host, port: port, numericOnly: false)
                }
                deliver(.resolved(link: link, result))
            }
        }
    }

    /// The first job stays in the queue until the next is asked for, so that ``pending`` counts it.
    private func nextJob() -> Job {
        _ = unsafe pthread_mutex_lock(lock)
        defer { _ = unsafe pthread_mutex_unlock(lock) }
        while jobs.isEmpty { _ = unsafe pthread_cond_wait(wakeUp, lock) }
        return jobs.removeFirst()
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
