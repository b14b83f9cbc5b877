import Memory
import RESP
import SlotStorage

/// What may follow the cursor of SCAN, HSCAN, SSCAN and ZSCAN: `[MATCH pattern] [COUNT count]`, the last of each
/// counting.
struct ScanOptions {
    static let usualCount = 10

    /// About how many elements a call should answer.
    private(set) var count = ScanOptions.usualCount
    /// The argument with the pattern.
    private(set) var patternPosition: Int?

    /// Reads the arguments from `start` on.
    init(_ request: borrowing Request, from start: Int) throws(CommandError) {
        for position in stride(from: start, to: request.count, by: 2) {
            guard position + 1 < request.count else { throw .syntax }
            if request[position].equalsIgnoringCase("count") {
                count = Int(try request[position + 1].integer())
                if count < 1 { throw .syntax }
            } else if request[position].equalsIgnoringCase("match") {
                patternPosition = position + 1
            } else {
                throw .syntax
            }
        }
    }

    /// How many buckets a call looks at before it ends with fewer elements.
    var longestWalk: Int { Self.longestWalk(for: count) }

    static func longestWalk(for count: Int) -> Int {
        let (buckets, overflow) = count.multipliedReportingOverflow(by: 10)
        return overflow ? .max : buckets
    }
}
