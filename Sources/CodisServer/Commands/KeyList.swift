import Memory
import RESP

/// `numkeys key [key ...]` among the arguments of a command.
struct KeyList {
    /// Where the keys stand.
    let positions: Range<Int>

    init(_ request: borrowing Request, countAt index: Int) throws(CommandError) {
        let count = try request[index].integer(orThrow: .badKeyCount)
        guard count > 0 else { throw .badKeyCount }
        guard count <= request.count - index - 1 else { throw .tooManyKeys }
        positions = index + 1..<index + 1 + Int(count)
    }

    /// `[LIMIT limit]` behind the keys, and nothing else; 0 is no limit.
    func limit(_ request: borrowing Request) throws(CommandError) -> Int {
        let next = positions.upperBound
        if next == request.count { return .max }
        guard next + 2 == request.count, request[next].equalsIgnoringCase("limit") else { throw .syntax }
        let limit = try request[next + 1].integer(orThrow: .negativeLimit)
        guard limit >= 0 else { throw .negativeLimit }
        return limit == 0 ? .max : Int(limit)
    }
}
