/// The types of values that the server under test knows so far. Only their commands are generated; with more than
/// one, the keys are shared, so that every command also meets values of a wrong type.
let supportedTypes: [ValueType] = [.string, .list, .hash, .set, .sortedSet]

enum ValueType: String, CaseIterable {
    case string, list, hash, set, sortedSet
}

/// What stands at a place of a command. Each is made of good values mostly, and of strange ones now and then.
enum Argument: ExpressibleByStringLiteral, Sendable {
    /// A fixed word, in any case of letters.
    case word(String)
    case key
    /// One to three keys, seldom more.
    case keys
    /// One to three pairs of key and value.
    case keysAndValues
    case value
    /// A number that a string may hold: small, or near the borders of 64 bits.
    case integer
    case float
    /// A position in a string, counted from either end.
    case index
    /// A position to write at; never one that would make a string of many megabytes.
    case byteOffset
    case bitOffset
    case bit
    /// A time to live that is long over or far from it, so that no run depends on its speed.
    case seconds
    case milliseconds
    case unixSeconds
    case unixMilliseconds
    case database
    case pattern
    /// A DUMP payload, sometimes a broken one.
    case payload
    case field
    case score
    case count
    /// A member of a sorted set, as the end of a range.
    case lexBound
    /// A longitude, a latitude and the name of the place.
    case place
    /// The name of a place.
    case placeName
    /// A distance in kilometres.
    case radius
    /// A type of BITFIELD, narrow enough for Redis 3.2's own arithmetic, and an offset.
    case bitField
    /// One to three of a group of words, seldom as many as make a collection large.
    indirect case many([Argument])
    /// Nothing, or one of these groups of words.
    indirect case optional([[Argument]])

    init(stringLiteral word: String) {
        self = .word(word)
    }
}

/// One kind of command: its words and how often it comes.
struct CommandTemplate: Sendable {
    var words: [Argument]
    var weight: Int

    init(_ words: Argument..., weight: Int = 2) {
        self.words = words
        self.weight = weight
    }
}

extension CommandTemplate {
    /// All templates for values of the supported types, with the commands that a real server knows.
    static func known(to peer: Peer) -> [CommandTemplate] {
        let all = common + strings + bits + hyperLogLogs + keyspace + sorting + expiry
        let later = peer == .redis2_8 ? leavingOrder : since3_2
        return all + later + supportedTypes.flatMap { of($0) }
    }

    static let common: [CommandTemplate] = [
        .init("PING"), .init("PING", .value, weight: 1), .init("ECHO", .value), .init("SELECT", .database, weight: 4),
        .init("AUTH", .value, weight: 1), .init("NOSUCH", .value, .key, weight: 1),
    ]

    static let strings: [CommandTemplate] = [
        .init("SET", .key, .value, weight: 16), .init("SET", .key, .integer, weight: 6), .init("SET", .key, .float),
        .init(
            "SET", .key, .value, .optional([["EX", .seconds], ["PX", .milliseconds]]), .optional([["NX"], ["XX"]]),
            weight: 8),
        .init(
            "SET", .key, .value, .optional([["NX"], ["XX"], ["IF"]]), .optional([["EX", .seconds], ["EX"], ["PX"]])),
        .init("SETNX", .key, .value), .init("SETEX", .key, .seconds, .value),
        .init("PSETEX", .key, .milliseconds, .value), .init("GET", .key, weight: 10), .init("GETSET", .key, .value),
        .init("MGET", .keys), .init("MSET", .keysAndValues), .init("MSETNX", .keysAndValues),
        .init("APPEND", .key, .value, weight: 4), .init("STRLEN", .key),
        .init("SETRANGE", .key, .byteOffset, .value, weight: 4), .init("GETRANGE", .key, .index, .index, weight: 4),
        .init("SUBSTR", .key, .index, .index), .init("INCR", .key, weight: 4), .init("DECR", .key, weight: 4),
        .init("INCRBY", .key, .integer, weight: 4), .init("DECRBY", .key, .integer, weight: 4),
        .init("INCRBYFLOAT", .key, .float, weight: 6),
    ]

    static let bits: [CommandTemplate] = [
        .init("SETBIT", .key, .bitOffset, .bit, weight: 6), .init("GETBIT", .key, .bitOffset, weight: 3),
        .init("BITCOUNT", .key), .init("BITCOUNT", .key, .index, .index), .init("BITCOUNT", .key, .index, weight: 1),
        .init("BITPOS", .key, .bit), .init("BITPOS", .key, .bit, .index), .init("BITPOS", .key, .bit, .index, .index),
        .init("BITOP", .optional([["AND"], ["OR"], ["XOR"]]), .key, .keys, weight: 4),
        .init("BITOP", "NOT", .key, .key), .init("BITOP", "NOT", .key, .keys, weight: 1),
    ]

    static let keyspace: [CommandTemplate] = [
        .init("DEL", .keys, weight: 4), .init("EXISTS", .key), .init("TYPE", .key), .init("KEYS", .pattern),
        .init("RANDOMKEY", weight: 1), .init("RENAME", .key, .key, weight: 4), .init("RENAMENX", .key, .key),
        .init("MOVE", .key, .database, weight: 3), .init("DBSIZE"), .init("DUMP", .key),
        .init("RESTORE", .key, .milliseconds, .payload),
        .init("RESTORE", .key, "0", .payload),
        .init("OBJECT", "ENCODING", .key, weight: 4), .init("OBJECT", "REFCOUNT", .key, weight: 1),
        .init("OBJECT", "IDLETIME", .key, weight: 1), .init("OBJECT", "NOSUCH", .key, weight: 1),
        .init("FLUSHDB", weight: 1), .init("TIME", weight: 1),
    ]

    /// Never so that it matters which of equal elements comes first.
    static let sorting: [CommandTemplate] = [
        .init(
            "SORT", .key, .optional([["BY", "k*"], ["BY", "{tag}*"]]), .optional([["LIMIT", .index, .count]]),
            .optional([["ASC"], ["DESC"]]), .optional([["GET", "#"], ["GET", "k*"], ["GET", "k*->f1"]]),
            .optional([["STORE", .key]]), weight: 6),
        .init("SORT", .key, "BY", "nosort", .optional([["DESC"], ["GET", "#"], ["GET", "k*", "GET", "#"]])),
        .init("SORT", .key, "ALPHA", .optional([["DESC"], ["GET", "k*"]])),
        .init("SORT", .key, "ALPHA", "STORE", .key),
    ]

    /// What is stored then follows other rules since Redis 3.
    static let leavingOrder: [CommandTemplate] = [.init("SORT", .key, "BY", "nosort", "ALPHA", "STORE", .key)]

    /// On keys of their own: where other commands have changed the bytes of one, real servers may fail.
    static let hyperLogLogs: [CommandTemplate] = [
        .init("PFADD", "one", .value), .init("PFADD", "one", .many([.value]), weight: 3), .init("PFADD", "two", .value),
        .init("PFADD", "three", weight: 1), .init("PFCOUNT", "one"), .init("PFCOUNT", "one", "two", "three"),
        .init("PFMERGE", "three", "one", "two"), .init("PFDEBUG", "ENCODING", "one", weight: 1),
    ]

    /// Commands and options that Redis 2.8 does not have.
    static let since3_2: [CommandTemplate] = [
        .init("EXISTS", .keys), .init("TOUCH", .keys), .init("HSTRLEN", .key, .field, weight: 3),
        .init("SPOP", .key, "10000", weight: 1), .init("SPOP", .key, "0", weight: 1),
        .init(
            "ZADD", .key, .optional([["NX"], ["XX"], ["CH"]]), .optional([["CH"], ["INCR"]]), .score, .field, weight: 8),
        .init("ZADD", .key, "XX", "CH", .score, .field, .score, .field, weight: 3),
        .init("GEOADD", .key, .many([.place]), weight: 6), .init("GEOPOS", .key, .placeName, .placeName),
        .init("GEODIST", .key, .placeName, .placeName, .optional([["m"], ["km"], ["ft"], ["mi"], ["x"]])),
        .init("GEOHASH", .key, .placeName, .placeName),
        .init(
            "GEORADIUS", .key, "15", "37", .radius, "km",
            .optional([["WITHDIST"], ["WITHCOORD", "WITHHASH"], ["STORE", .key], ["STOREDIST", .key]]),
            .optional([["ASC"], ["DESC"], ["COUNT", .count]]), weight: 4),
        .init(
            "GEORADIUSBYMEMBER", .key, .placeName, .radius, "km",
            .optional([["WITHDIST", "ASC"], ["COUNT", "3", "DESC"], ["STORE", .key]]), weight: 4),
        .init("BITFIELD", .key, .many([.bitField]), weight: 6),
        .init("MIGRATE", "127.0.0.1", "1", "", "0", "10", "KEYS", "nosuch", "nosuch2", weight: 1),
    ]

    static let expiry: [CommandTemplate] = [
        .init("EXPIRE", .key, .seconds, weight: 3), .init("PEXPIRE", .key, .milliseconds, weight: 3),
        .init("EXPIREAT", .key, .unixSeconds), .init("PEXPIREAT", .key, .unixMilliseconds),
        .init("TTL", .key, weight: 4), .init("PTTL", .key, weight: 4), .init("PERSIST", .key, weight: 3),
    ]

    /// The commands of a type; the string commands are listed apart.
    static func of(_ type: ValueType) -> [CommandTemplate] {
        switch type {
        case .string: []
        case .list:
            [
                .init("LPUSH", .key, .value, weight: 6), .init("RPUSH", .key, .value, .integer, weight: 6),
                .init("LPUSHX", .key, .value), .init("RPUSHX", .key, .value), .init("LPOP", .key), .init("RPOP", .key),
                .init("LLEN", .key), .init("LRANGE", .key, .index, .index, weight: 4), .init("LINDEX", .key, .index),
                .init("LSET", .key, .index, .value), .init("LREM", .key, .count, .value),
                .init("LTRIM", .key, .index, .index), .init("LINSERT", .key, "BEFORE", .value, .value),
                .init("LINSERT", .key, "AFTER", .integer, .value), .init("RPOPLPUSH", .key, .key),
                .init("RPUSH", .key, .many([.value]), weight: 3), .init("LPUSH", .key, .many([.integer]), weight: 3),
                .init("LREM", .key, .count, .integer),
            ]
        case .hash:
            [
                .init("HSET", .key, .field, .value, weight: 8), .init("HSETNX", .key, .field, .value),
                .init("HMSET", .key, .field, .value, .field, .integer, weight: 4), .init("HGET", .key, .field),
                .init("HMGET", .key, .field, .field), .init("HGETALL", .key), .init("HKEYS", .key),
                .init("HVALS", .key), .init("HLEN", .key), .init("HEXISTS", .key, .field),
                .init("HDEL", .key, .field, .field), .init("HINCRBY", .key, .field, .integer),
                .init("HINCRBYFLOAT", .key, .field, .float), .init("HMSET", .key, .many([.field, .value]), weight: 3),
                .init("HMSET", .key, .many([.value, .integer]), weight: 3),
            ]
        case .set:
            [
                .init("SADD", .key, .value, .integer, weight: 8), .init("SADD", .key, .integer, weight: 4),
                .init("SREM", .key, .value), .init("SCARD", .key), .init("SISMEMBER", .key, .value),
                .init("SMEMBERS", .key), .init("SMOVE", .key, .key, .integer), .init("SINTER", .keys),
                .init("SUNION", .keys), .init("SDIFF", .keys), .init("SINTERSTORE", .key, .keys),
                .init("SUNIONSTORE", .key, .keys), .init("SDIFFSTORE", .key, .keys),
                .init("SADD", .key, .many([.integer]), weight: 6), .init("SADD", .key, .many([.value]), weight: 3),
                .init("SREM", .key, .many([.integer])), .init("SRANDMEMBER", .key), .init("SRANDMEMBER", .key, "10000"),
                .init("SMOVE", .key, .key, .value),
            ]
        case .sortedSet:
            [
                .init("ZADD", .key, .score, .field, weight: 8), .init("ZADD", .key, .score, .value, .score, .field),
                .init("ZREM", .key, .field), .init("ZCARD", .key), .init("ZSCORE", .key, .field),
                .init("ZINCRBY", .key, .score, .field), .init("ZRANK", .key, .field), .init("ZREVRANK", .key, .field),
                .init("ZRANGE", .key, .index, .index, .optional([["WITHSCORES"]]), weight: 4),
                .init("ZREVRANGE", .key, .index, .index), .init("ZCOUNT", .key, .score, .score),
                .init("ZRANGEBYSCORE", .key, .score, .score, .optional([["WITHSCORES"], ["LIMIT", .index, .count]])),
                .init("ZREMRANGEBYRANK", .key, .index, .index), .init("ZREMRANGEBYSCORE", .key, .score, .score),
                .init("ZUNIONSTORE", .key, "2", .key, .key, .optional([["WEIGHTS", .score, .score]])),
                .init("ZINTERSTORE", .key, "2", .key, .key, .optional([["AGGREGATE", "MAX"]])),
                .init(
                    "ZUNIONSTORE", .key, "3", .key, .key, .key, .optional([["AGGREGATE", "MIN"], ["AGGREGATE", "x"]])),
                .init("ZADD", .key, .many([.score, .value]), weight: 3),
                .init("ZADD", .key, .many([.score, .integer])),
                .init("ZADD", .key, .many(["0", .integer]), weight: 3),
                .init(
                    "ZREVRANGEBYSCORE", .key, .score, .score, .optional([["WITHSCORES"], ["LIMIT", .index, .count]])),
                // Where scores differ nothing says what is between two members: a key of its own.
                .init("ZADD", "words", .many(["0", .field]), weight: 3), .init("ZADD", "words", "0", .value),
                .init("ZRANGEBYLEX", "words", .lexBound, .lexBound, .optional([["LIMIT", .count, .count]]), weight: 3),
                .init("ZREVRANGEBYLEX", "words", .lexBound, .lexBound, .optional([["LIMIT", .count, .count]])),
                .init("ZLEXCOUNT", "words", .lexBound, .lexBound),
                .init("ZREMRANGEBYLEX", "words", .lexBound, .lexBound),
            ]
        }
    }
}
