import Memory
import RESP

/// Options of later Redis versions that a master of such a version sends and clients may not, in words that this server
/// has.
enum NewerCommand {
    /// The commands that do what the request says; `nil` if it is none that is known.
    static func translate(_ request: Request) -> CommandBuffer? {
        var older = CommandBuffer()
        let name = request[0]
        switch request.count {
        // FLUSHALL ASYNC and SYNC.
        case 2 where name.equalsIgnoringCase("flushall"): older.command("FLUSHALL")
        case 2 where name.equalsIgnoringCase("flushdb"): older.command("FLUSHDB")
        case 5... where name.equalsIgnoringCase("restore"): guard restore(request, &older) else { return nil }
        default: return nil
        }
        return older
    }

    /// Whether a RESTORE has no option but the one that clients may use, too.
    static func isOldRestore(_ request: Request) -> Bool {
        request.count == 4 || request.count == 5 && request[4].equalsIgnoringCase("replace")
    }

    /// `RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]`
    private static func restore(_ request: Request, _ older: inout CommandBuffer) -> Bool {
        guard let ttl = Int64(canonical: request[2]) else { return false }
        var (isReplacing, isAbsolute) = (false, false)
        var index = 4
        while index < request.count {
            if request[index].equalsIgnoringCase("replace") {
                isReplacing = true
            } else if request[index].equalsIgnoringCase("absttl") {
                isAbsolute = true
            } else if request[index].equalsIgnoringCase("idletime") || request[index].equalsIgnoringCase("freq") {
                index += 1
            } else {
                return false
            }
            index += 1
        }
        older.array(isReplacing ? 5 : 4)
        older.bulk("RESTORE")
        older.bulk(request[1])
        older.bulk(decimal: isAbsolute ? 0 : ttl)
        older.bulk(request[3])
        if isReplacing { older.bulk("REPLACE") }
        if isAbsolute, ttl > 0 {
            older.array(3)
            older.bulk("PEXPIREAT")
            older.bulk(request[1])
            older.bulk(decimal: ttl)
        }
        return true
    }
}

extension CommandBuffer {
    fileprivate mutating func command(_ name: StaticString) {
        array(1)
        bulk(name)
    }
}
