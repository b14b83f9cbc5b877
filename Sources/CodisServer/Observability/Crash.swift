/// A crash on purpose, for tests of what happens when the server is suddenly gone.
enum Crash {
    /// Writes to the last address there is, as Redis does: the process ends by SIGSEGV. A signal sent to itself would
    /// not do, for the handler that prints the backtrace returns from it.
    @inline(never)
    static func segmentationFault() -> Never {
        unsafe UnsafeMutableRawPointer(bitPattern: UInt.max)?.storeBytes(of: 120, as: UInt8.self)
        fatalError("the last address can be written to")
    }

    /// As after the failure of an assertion: the message goes to standard error.
    static func failedAssertion() -> Never { fatalError("DEBUG ASSERT") }
}
