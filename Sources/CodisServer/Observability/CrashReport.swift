import CLinux
import Glibc
import Memory

/// What a server that crashes leaves in its log: Redis' bug report, with the stack and the command that was executed.
///
/// Written from within a signal handler, with nothing that allocates or locks. After it the handler that was there
/// before goes on: Swift's, which prints a backtrace with source lines where `SWIFT_BACKTRACE` asks for one, or the
/// system's, which ends the process.
enum CrashReport {
    /// Of the request that is executed. The bytes are there for as long as it is; afterwards they may be anything, but
    /// a crash elsewhere is rare, and a wrong line in its report harmless.
    nonisolated(unsafe) private static var request: UnsafeRawPointer?
    nonisolated(unsafe) private static var requestLength = 0
    nonisolated(unsafe) private static var headline: UnsafeMutablePointer<CChar>?
    /// Path of the log, as a C string; `nil` for standard output.
    nonisolated(unsafe) private static var logPath: UnsafeMutablePointer<CChar>?
    nonisolated(unsafe) private static var previous: [sigaction] = []

    private static let signals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE]
    /// Bytes of the request that are shown.
    private static let shownBytes = 256
    private static let mostFrames: Int32 = 100

    /// Remembers the request that is about to be executed.
    @inline(__always)
    static func note(_ bytes: RawSpan, length: Int) {
        unsafe bytes.withUnsafeBytes { unsafe request = $0.baseAddress }
        unsafe requestLength = length
    }

    /// Lets crashes be reported from now on.
    static func install(_ destination: LogDestination) {
        unsafe headline = strdup("    Redis \(Server.redisVersion) crashed by signal: ")
        if case .file(let path) = destination { unsafe logPath = strdup(path) }
        useOwnStack()
        for signal in signals {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_sigaction = { signal, information, _ in
                unsafe CrashReport.report(signal, information)
            }
            action.sa_flags = SA_SIGINFO | Int32(SA_ONSTACK)
            var old = sigaction()
            unsafe sigaction(signal, &action, &old)
            unsafe previous.append(old)
        }
        // The first call loads a library, which must not happen within the handler.
        var frame: UnsafeMutableRawPointer?
        _ = unsafe backtrace(&frame, 1)
    }

    /// A stack overflow leaves no room for the handler on the stack that overflowed.
    private static func useOwnStack() {
        let size = 256 * 1024
        var stack = unsafe stack_t()
        unsafe stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe stack.ss_size = size
        unsafe sigaltstack(&stack, nil)
    }

    private static func report(_ signal: Int32, _ information: UnsafeMutablePointer<siginfo_t>?) {
        let log = openLog()
        write("\n=== REDIS BUG REPORT START: Cut & paste starting from here ===\n", to: log)
        if let headline = unsafe headline { unsafe _ = Glibc.write(log, headline, strlen(headline)) }
        write(decimal: Int64(signal), to: log)
        if let address = unsafe information?.pointee._sifields._sigfault.si_addr {
            write("\n    Accessing address: ", to: log)
            write(decimal: Int64(Int(bitPattern: address)), to: log)
        }
        writeStack(to: log)
        writeRequest(to: log)
        write("\n=== REDIS BUG REPORT END. Make sure to include from START to END. ===\n", to: log)
        if log != STDOUT_FILENO { close(log) }
        // The instruction that failed runs again, or abort() raises the signal again, and ends where it would have.
        for index in 0..<(signals.count) where signals[index] == signal {
            unsafe sigaction(signal, &previous[index], nil)
        }
        if signal == SIGTRAP || signal == SIGABRT { raise(signal) }
    }

    /// The stack of the thread that runs, one line a frame.
    static func writeStack(to log: Int32) {
        write("\n--- STACK TRACE\n", to: log)
        unsafe withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: Int(mostFrames)) { frames in
            guard let first = frames.baseAddress else { return }
            let count = unsafe backtrace(first, mostFrames)
            unsafe backtrace_symbols_fd(first, count, log)
        }
    }

    private static func writeRequest(to log: Int32) {
        guard let request = unsafe request else { return }
        write("\n--- CURRENT COMMAND\n", to: log)
        for offset in 0..<min(unsafe requestLength, shownBytes) {
            var byte = unsafe request.load(fromByteOffset: offset, as: UInt8.self)
            if byte == 13 { continue }
            if byte == 10 { byte = 32 }
            if byte < 32 || byte > 126 { byte = UInt8(ascii: ".") }
            unsafe Glibc.write(log, &byte, 1)
        }
    }

    // MARK: Writing

    static func openLog() -> Int32 {
        guard let path = unsafe logPath else { return STDOUT_FILENO }
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        return descriptor < 0 ? STDOUT_FILENO : descriptor
    }

    static func write(_ text: StaticString, to log: Int32) {
        unsafe Glibc.write(log, text.utf8Start, text.utf8CodeUnitCount)
    }

    private static func write(decimal number: Int64, to log: Int32) {
        number.withDigits { digits in
            _ = unsafe digits.withUnsafeBytes { unsafe Glibc.write(log, $0.baseAddress, $0.count) }
        }
    }
}
