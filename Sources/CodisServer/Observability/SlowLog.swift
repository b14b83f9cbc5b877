import Memory
import RESP

/// The last commands that took long, the newest first. Its length is bounded, and so is each entry.
struct SlowLog {
    struct Entry {
        let id: Int
        /// Unix time in seconds.
        let time: Int64
        /// Microseconds.
        let duration: Int
        let arguments: [[UInt8]]
    }

    /// `SLOWLOG_ENTRY_MAX_ARGC` and `SLOWLOG_ENTRY_MAX_STRING` of Redis.
    private static let mostArguments = 32
    private static let longestArgument = 128

    /// The oldest first.
    private var entries: [Entry] = []
    /// Goes on through SLOWLOG RESET.
    private var nextID = 0

    var count: Int { entries.count }

    /// The newest `limit` entries, or all if it is negative; the newest first.
    func newest(_ limit: Int) -> some Sequence<Entry> {
        entries.suffix(limit < 0 ? entries.count : min(limit, entries.count)).reversed()
    }

    mutating func add(_ arguments: [[UInt8]], time: Int64, duration: Int, keeping limit: Int) {
        entries.append(Entry(id: nextID, time: time, duration: duration, arguments: arguments))
        nextID += 1
        if entries.count > limit { entries.removeFirst(entries.count - limit) }
    }

    mutating func removeAll() { entries = [] }

    /// What is kept of a request: as many arguments and bytes as are worth their memory, and how much is missing.
    static func arguments(of request: Request) -> [[UInt8]] {
        let isCut = request.count > mostArguments
        let kept = isCut ? mostArguments - 1 : request.count
        var arguments: [[UInt8]] = []
        for index in 0..<kept {
            let argument = request[index]
            let excess = argument.byteCount - longestArgument
            if excess > 0 {
                let text = "... (\(excess) more bytes)"
                arguments.append(argument.extracting(0..<longestArgument).array + Array(text.utf8))
            } else {
                arguments.append(argument.array)
            }
        }
        if isCut { arguments.append(Array("... (\(request.count - kept) more arguments)".utf8)) }
        return arguments
    }
}
