import Foundation
import TestSupport

/// The random commands of the differential test with those that have no partner there, some of them in transactions.
enum RandomPlay {
    private static let more: [CommandTemplate] = [
        .init("SPOP", .key, weight: 4), .init("INCRBYFLOAT", .key, .float, weight: 4),
        .init("BLPOP", .key, .key, "0.1", weight: 1), .init("SORT", .key, "ALPHA", "STORE", .key),
        .init("PFADD", .key, .value, weight: 3), .init("PFMERGE", .key, .keys), .init("PFCOUNT", .key),
        .init("GEOADD", .key, "13.361389", "38.115556", .field), .init("SLOTSRESTORE", .key, "0", .payload),
        .init("SLOTSRESTORE", .key, .milliseconds, .payload), .init("SLOTSDEL", "17", weight: 1),
        .init("ZREMRANGEBYLEX", .key, "-", "+", weight: 1), .init("LPUSH", .key, .value, .value, .value),
    ]

    /// Commands and options that Redis 2.8 does not have.
    static let later: [CommandTemplate] = [
        .init("SET", .key, .value, "KEEPTTL"), .init("SET", .key, .value, "XX", "GET"),
        .init("SET", .key, .value, "PXAT", .unixMilliseconds), .init("GETEX", .key, "EX", .seconds),
        .init("GETEX", .key, "PERSIST"), .init("GETDEL", .key), .init("UNLINK", .keys), .init("COPY", .key, .key),
        .init("COPY", .key, .key, "REPLACE", weight: 4), .init("COPY", .key, .key, "DB", "3", "REPLACE"),
        .init("LMOVE", .key, .key, "LEFT", "RIGHT", weight: 3), .init("LMOVE", .key, .key, "RIGHT", "LEFT"),
        .init("LMOVE", .key, .key, "LEFT", "LEFT"), .init("LPOP", .key, .count), .init("RPOP", .key, .count),
        .init("ZPOPMIN", .key, .count), .init("ZPOPMAX", .key), .init("ZRANGESTORE", .key, .key, .index, .index),
        .init("ZDIFFSTORE", .key, "2", .key, .key), .init("ZADD", .key, "NX", .score, .field, .score, .field),
        .init("ZADD", .key, "XX", "CH", .score, .field, .score, .value), .init("ZADD", .key, "GT", .score, .field),
        .init("ZADD", .key, "INCR", .score, .field), .init("GEOADD", .key, "13.361389", "38.115556", .field),
        .init("GEORADIUS", .key, "15", "37", "200", "km", "STORE", .key), .init("SPOP", .key, .count),
        .init("BITFIELD", .key, "SET", "u8", .byteOffset, "17", "INCRBY", "i5", "100", "1"),
        .init("HSET", .key, .field, .value, .field, .integer), .init("EXPIRE", .key, .seconds, "NX"),
        .init("RESTORE", .key, "0", .payload, "REPLACE"), .init("RESTORE", .key, .milliseconds, .payload, "REPLACE"),
        .init("MOVE", .key, .database, weight: 3),
    ]

    /// Plays so many of them.
    static func run(
        on server: ServerProcess, seed: UInt64, count: Int, templates: [CommandTemplate] = more
    ) throws {
        var generator = CommandGenerator(
            seed: seed, now: Int(Date().timeIntervalSince1970),
            templates: CommandTemplate.known(to: .redis2_8) + templates)
        var random = SeededGenerator(seed: seed)
        var connection = try server.connect()
        var isInTransaction = false
        for _ in 0..<count {
            let transaction = random.once(in: 20) ? [isInTransaction ? "EXEC" : "MULTI"] : []
            isInTransaction = isInTransaction != !transaction.isEmpty
            let steps = transaction.map { .command([Bytes(text: $0)]) } + generator.next()
            for step in steps {
                // FLUSHALL is rare enough there; here it would leave little to compare.
                guard case .command(let words) = step, step.name != "flushall", step.name != "flushdb" else {
                    if case .pause(let time) = step { usleep(UInt32(time) * 1000) }
                    continue
                }
                // What is no request closes the connection, and with it the transaction.
                if (try? connection.call(words)) == nil {
                    connection = try server.connect()
                    isInTransaction = false
                }
            }
        }
    }

    static var seed: UInt64 { Package.seed("DIFF_SEED") }
}
