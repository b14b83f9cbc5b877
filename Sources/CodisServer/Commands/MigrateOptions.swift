import Memory
import RESP

/// What may follow the timeout of MIGRATE: `[COPY] [REPLACE] [KEYS key [key ...]]`.
struct MigrateOptions {
    private(set) var copies = false
    private(set) var replaces = false
    /// Where the keys stand that are to be moved.
    private(set) var keys = 3..<4

    init(_ request: borrowing Request) throws(CommandError) {
        for index in 6..<max(request.count, 6) {
            if request[index].equalsIgnoringCase("copy") {
                copies = true
            } else if request[index].equalsIgnoringCase("replace") {
                replaces = true
            } else if request[index].equalsIgnoringCase("keys") {
                guard request[3].byteCount == 0 else { throw .keyBesidesKeys }
                keys = index + 1..<request.count
                return
            } else {
                throw .syntax
            }
        }
    }

    /// Where the keys stand in a request whose options may be wrong; its name stands at `start`.
    static func keys(of request: borrowing Request, from start: Int = 0) -> Range<Int> {
        for index in start + 6..<max(request.count, start + 6) where request[start + 3].byteCount == 0 {
            if request[index].equalsIgnoringCase("keys") { return index + 1..<request.count }
        }
        return start + 3..<start + 4
    }
}
