/// How often each command ran and how long it took, for `INFO commandstats`.
///
/// Calls are counted exactly. Reading the clock twice costs as much as half a GET, so of the calls that are short by
/// their nature (see ``Server/isShort(_:_:)``) only one in 16 is measured, and stands for the other 15; calls of any
/// other command are all measured. The sum of both is `usec`.
@safe
struct CommandTimes: ~Copyable {
    struct Record {
        fileprivate(set) var calls = 0
        /// Calls that were measured one by one, and nanoseconds in them.
        fileprivate var exact = (calls: 0, time: Int64(0))
        /// Short calls that were measured for others as well, and nanoseconds in them.
        fileprivate var sampled = (calls: 0, time: Int64(0))

        /// Microseconds in all calls.
        var microseconds: Int {
            let short = Double(calls - exact.calls) * Double(sampled.time) / Double(max(sampled.calls, 1))
            return Int((Double(exact.time) + short) / 1000)
        }
    }

    /// Of the short calls of a command one in `mask + 1` is measured, a power of two.
    private var mask = 15

    private let records: UnsafeMutablePointer<Record>
    private let count: Int

    init() {
        count = Command.allCases.count
        unsafe records = .allocate(capacity: count)
        unsafe records.initialize(repeating: Record(), count: count)
    }

    deinit { unsafe records.deallocate() }

    subscript(command: Command) -> Record { unsafe records[Int(command.rawValue)] }

    /// Measures every call from now on, or one in 16 of the short ones.
    mutating func measureAll(_ all: Bool) { mask = all ? 0 : 15 }

    /// Counts a short call that is about to run, and answers whether it is to be measured.
    @inline(__always)
    func countShort(_ command: Command) -> Bool {
        let calls = unsafe records[Int(command.rawValue)].calls
        unsafe records[Int(command.rawValue)].calls = calls &+ 1
        return calls & mask == 0
    }

    /// Notes that a call took so many nanoseconds. A short one is counted already, and stands for others as well.
    func record(_ command: Command, _ time: Int64, isShort: Bool) {
        let record = unsafe records + Int(command.rawValue)
        if isShort {
            unsafe record.pointee.sampled.calls += 1
            unsafe record.pointee.sampled.time += time
        } else {
            unsafe record.pointee.calls &+= 1
            unsafe record.pointee.exact.calls += 1
            unsafe record.pointee.exact.time += time
        }
    }

    /// CONFIG RESETSTAT.
    func reset() { unsafe records.update(repeating: Record(), count: count) }
}
