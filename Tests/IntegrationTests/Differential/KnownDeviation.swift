/// Where the server answers otherwise than real Redis on purpose, as far as the random commands reach it. What they are
/// not to reach at all is left out by `CommandGenerator`.
enum KnownDeviation {
    /// Commands to be sent to both before this one, so that they stay alike.
    ///
    /// MOVE keeps the expiry, as in Redis 3.2, and loses it in 2.8: here the key goes without one.
    ///
    /// SORT leaves a compact sorted set compact, where Redis makes it a skip list: here it is one already.
    static func prelude(for words: [Bytes], _ peer: Peer) -> [[Bytes]] {
        switch words.first?.latin1.lowercased() {
        case "move" where words.count == 3 && peer == .redis2_8:
            return [[Bytes(text: "PERSIST"), words[1]]]
        case "sort" where words.count > 1:
            let long = Bytes(repeating: UInt8(ascii: "x"), count: 65)
            return [[Bytes(text: "ZADD"), words[1], [48], long], [Bytes(text: "ZREM"), words[1], long]]
        default:
            return []
        }
    }

    /// Whether values of a type are kept as they are by the model: Redis 3.2 has other lists, and a form of its own for
    /// short strings.
    static func sharesEncodings(ofType type: String?, _ peer: Peer) -> Bool {
        peer == .redis2_8 || type != "list" && type != "string"
    }

    /// Whether a command fails those who watch its keys, which it does not in Redis 2.8.
    static func touchesKeys(_ words: [Bytes]) -> Bool {
        ["move", "persist"].contains(words.first?.latin1.lowercased() ?? "")
    }

    /// Whether different replies to a command are right. The key that it names may differ afterwards.
    static func excuses(_ words: [Bytes], ours: Reply, theirs: Reply, _ peer: Peer) -> Bool {
        if isStricterNumber(ours, theirs) || isLaterArity(words, theirs) || isOverflowOfNegation(words, ours)
            || isLaterRange(words, ours, theirs)
        {
            return true
        }
        return peer == .redis2_8
            ? isWideIndex(words) || isMoveToItself(words)
            : isOtherEncoding(words) || isNewerText(ours, theirs) || isRenameToItself(words, ours)
                || isEmptyRange(words)
    }

    /// Redis 3.2 has other lists, and a form of its own for short strings.
    private static func isOtherEncoding(_ words: [Bytes]) -> Bool {
        words.count == 3 && words[0].latin1.lowercased() == "object" && words[1].latin1.lowercased() == "encoding"
    }

    /// Errors that Redis 3 words anew.
    private static func isNewerText(_ ours: Reply, _ theirs: Reply) -> Bool {
        ours == .error("ERR Target key name is busy.") && theirs == .error("BUSYKEY Target key name already exists.")
    }

    /// Redis 3.2 has nothing against a key that is renamed to what it is called.
    private static func isRenameToItself(_ words: [Bytes], _ ours: Reply) -> Bool {
        ours == .error("ERR source and destination objects are the same")
            && ["rename", "renamenx"].contains(words[0].latin1.lowercased())
    }

    /// Redis 3.2 says at once that nothing is between two ends in the wrong order, and Redis 2.8 moves them to the
    /// beginning of the string first.
    private static func isEmptyRange(_ words: [Bytes]) -> Bool {
        guard words.count == 4, ["getrange", "substr", "bitcount"].contains(words[0].latin1.lowercased()),
            let (start, end) = Int(words[2].latin1).flatMap({ start in Int(words[3].latin1).map { (start, $0) } })
        else { return false }
        return end < start && start < 0
    }

    /// Redis 2.8 looks at the low 32 bits of an index.
    private static func isWideIndex(_ words: [Bytes]) -> Bool {
        guard words.count > 2, ["lindex", "lset"].contains(words[0].latin1.lowercased()) else { return false }
        return Int(words[2].latin1).map { Int32(exactly: $0) == nil } ?? false
    }

    /// SMOVE of a stranger from a set to itself moves nothing, as in Redis 3.2.
    private static func isMoveToItself(_ words: [Bytes]) -> Bool {
        words.count == 4 && words[0].latin1.lowercased() == "smove" && words[1] == words[2]
    }

    /// ZRANGE takes more options since Redis 6.2, and looks at them before it looks at the bounds.
    private static func isLaterRange(_ words: [Bytes], _ ours: Reply, _ theirs: Reply) -> Bool {
        guard words.count > 4, words[0].latin1.lowercased() == "zrange", case .error = ours, case .error = theirs else {
            return false
        }
        return true
    }

    /// What makes the data alike again after an excused command: its key goes, or where it may be in another database,
    /// everything.
    static func remedy(for words: [Bytes]) -> [Bytes] {
        words[0].latin1.lowercased() == "move" ? [Bytes(text: "FLUSHALL")] : [Bytes(text: "DEL"), words[1]]
    }

    /// Redis 2.8 reads the empty string, and anything up to a NUL byte, as a number, as an argument and as a stored
    /// value. This server reads canonical decimal numbers alone, like codis-server 3.2.
    private static func isStricterNumber(_ ours: Reply, _ theirs: Reply) -> Bool {
        let numberErrors = [
            "ERR value is not an integer or out of range", "ERR value is not a valid float",
            "ERR bit offset is not an integer or out of range", "ERR bit is not an integer or out of range",
            "ERR invalid DB index", "ERR index out of range", "ERR hash value is not an integer",
            "ERR hash value is not a valid float",
        ]
        guard case .error(let bytes) = ours, numberErrors.contains(bytes.latin1) else { return false }
        let errorsOfNumbers = [
            "ERR increment would produce NaN or Infinity", "ERR increment or decrement would overflow",
            "ERR source and destination objects are the same", "ERR invalid expire time in set",
            "ERR invalid expire time in setex", "ERR invalid expire time in psetex",
            "ERR hash value is not a valid float", "ERR hash value is not an integer",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
        ]
        if case .error(let others) = theirs { return errorsOfNumbers.contains(others.latin1) }
        return true
    }

    static let laterArities: Set<String> = [
        "restore", "exists", "ping", "expire", "expireat", "pexpire", "pexpireat", "lpop", "rpop", "hset", "auth",
    ]

    /// Commands that take more arguments since Redis 3 or later.
    private static func isLaterArity(_ words: [Bytes], _ theirs: Reply) -> Bool {
        guard case .error(let bytes) = theirs, let name = words.first?.latin1.lowercased() else { return false }
        return laterArities.contains(name)
            && bytes.latin1 == "ERR wrong number of arguments for '\(name)' command"
    }

    /// The negative of the smallest number is none; Redis 2.8 adds it all the same.
    private static func isOverflowOfNegation(_ words: [Bytes], _ ours: Reply) -> Bool {
        guard words.count == 3, words[0].latin1.lowercased() == "decrby", case .error = ours else { return false }
        return words[2].latin1 == String(Int64.min)
    }
}
