import Glibc

/// What the system said when it refused a call.
struct SystemError: Error, Equatable {
    /// The `errno`.
    let code: Int32

    init(_ code: Int32 = errno) { self.code = code }

    /// The system's words, such as `Connection refused`.
    var description: String { unsafe String(cString: strerror(code)) }

    /// Nothing to read, or no room to write, at this moment.
    var wouldBlock: Bool { code == EAGAIN || code == EWOULDBLOCK }
}

/// Runs a system call again for as long as a signal interrupts it, and answers its result or throws its `errno`.
@inline(__always)
func retryingInterrupts<Result: FixedWidthInteger & SignedInteger>(
    _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(code) }
    }
}
