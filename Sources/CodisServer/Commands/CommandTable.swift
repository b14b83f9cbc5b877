/// Every command, one line each: its case, name, arity, flags and keys. The handler is named in
/// `CommandDispatch.swift`,
/// and stands in the file of its family.
extension CommandSpec {
    static let all: [CommandSpec] = [
        // Strings: StringCommands.swift, NumberCommands.swift, BitCommands.swift
        CommandSpec(.get, "get", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.set, "set", -3, [.write, .denyOOM, .oftenShort], keys: .first),
        CommandSpec(.setnx, "setnx", 3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.setex, "setex", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.psetex, "psetex", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.append, "append", 3, [.write, .denyOOM], keys: .first),
        CommandSpec(.strlen, "strlen", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.setrange, "setrange", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.getrange, "getrange", 4, [.readonly], keys: .first),
        CommandSpec(.substr, "substr", 4, [.readonly], keys: .first),
        CommandSpec(.getset, "getset", 3, [.write, .denyOOM], keys: .first),
        CommandSpec(.mget, "mget", -2, [.readonly, .oftenShort], keys: .all),
        CommandSpec(.mset, "mset", -3, [.write, .denyOOM, .oftenShort], keys: .range(1, -1, step: 2)),
        CommandSpec(.msetnx, "msetnx", -3, [.write, .denyOOM], keys: .range(1, -1, step: 2)),
        CommandSpec(.incr, "incr", 2, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.decr, "decr", 2, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.incrby, "incrby", 3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.decrby, "decrby", 3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.incrbyfloat, "incrbyfloat", 3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.setbit, "setbit", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.getbit, "getbit", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.bitcount, "bitcount", -2, [.readonly], keys: .first),
        CommandSpec(.bitpos, "bitpos", -3, [.readonly], keys: .first),
        CommandSpec(.bitop, "bitop", -4, [.write, .denyOOM], keys: .range(2, -1)),

        // HyperLogLogs: HyperLogLogCommands.swift
        CommandSpec(.pfadd, "pfadd", -2, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.pfcount, "pfcount", -2, [.write], keys: .first),
        CommandSpec(.pfmerge, "pfmerge", -2, [.write, .denyOOM], keys: .all),
        // Redis does not tell of its key; here a key that is changed has to be known.
        CommandSpec(.pfdebug, "pfdebug", -3, [.write], keys: .range(2, 2)),
        CommandSpec(.pfselftest, "pfselftest", 1, [.readonly]),

        // Hashes: HashCommands.swift
        CommandSpec(.hset, "hset", -4, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.hsetnx, "hsetnx", 4, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.hget, "hget", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.hmset, "hmset", -4, [.write, .denyOOM], keys: .first),
        CommandSpec(.hmget, "hmget", -3, [.readonly], keys: .first),
        CommandSpec(.hincrby, "hincrby", 4, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.hincrbyfloat, "hincrbyfloat", 4, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.hdel, "hdel", -3, [.write, .fast], keys: .first),
        CommandSpec(.hlen, "hlen", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.hstrlen, "hstrlen", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.hkeys, "hkeys", 2, [.readonly, .sortForScript], keys: .first),
        CommandSpec(.hvals, "hvals", 2, [.readonly, .sortForScript], keys: .first),
        CommandSpec(.hgetall, "hgetall", 2, [.readonly], keys: .first),
        CommandSpec(.hexists, "hexists", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.hscan, "hscan", -3, [.readonly, .random], keys: .first),

        // Sets: SetCommands.swift, SetAlgebraCommands.swift
        CommandSpec(.sadd, "sadd", -3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.srem, "srem", -3, [.write, .fast], keys: .first),
        CommandSpec(.smove, "smove", 4, [.write, .fast], keys: .range(1, 2)),
        CommandSpec(.sismember, "sismember", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.scard, "scard", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.spop, "spop", -2, [.write, .noScript, .random, .fast], keys: .first),
        CommandSpec(.srandmember, "srandmember", -2, [.readonly, .random], keys: .first),
        CommandSpec(.sinter, "sinter", -2, [.readonly, .sortForScript], keys: .all),
        CommandSpec(.sinterstore, "sinterstore", -3, [.write, .denyOOM], keys: .all),
        CommandSpec(.sunion, "sunion", -2, [.readonly, .sortForScript], keys: .all),
        CommandSpec(.sunionstore, "sunionstore", -3, [.write, .denyOOM], keys: .all),
        CommandSpec(.sdiff, "sdiff", -2, [.readonly, .sortForScript], keys: .all),
        CommandSpec(.sdiffstore, "sdiffstore", -3, [.write, .denyOOM], keys: .all),
        CommandSpec(.smembers, "smembers", 2, [.readonly, .sortForScript], keys: .first),
        CommandSpec(.sscan, "sscan", -3, [.readonly, .random], keys: .first),

        // Lists: ListCommands.swift, BlockingListCommands.swift
        CommandSpec(.lpush, "lpush", -3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.rpush, "rpush", -3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.lpushx, "lpushx", 3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.rpushx, "rpushx", 3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.lpop, "lpop", -2, [.write, .fast], keys: .first),
        CommandSpec(.rpop, "rpop", -2, [.write, .fast], keys: .first),
        CommandSpec(.llen, "llen", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.lindex, "lindex", 3, [.readonly], keys: .first),
        CommandSpec(.lset, "lset", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.linsert, "linsert", 5, [.write, .denyOOM], keys: .first),
        CommandSpec(.lrange, "lrange", 4, [.readonly], keys: .first),
        CommandSpec(.ltrim, "ltrim", 4, [.write], keys: .first),
        CommandSpec(.lrem, "lrem", 4, [.write], keys: .first),
        CommandSpec(.rpoplpush, "rpoplpush", 3, [.write, .denyOOM], keys: .range(1, 2)),
        CommandSpec(.blpop, "blpop", -3, [.write, .noScript], keys: .range(1, -2)),
        CommandSpec(.brpop, "brpop", -3, [.write, .noScript], keys: .range(1, -2)),
        CommandSpec(.brpoplpush, "brpoplpush", 4, [.write, .denyOOM, .noScript], keys: .range(1, 2)),
        // Sorted sets: SortedSetCommands.swift, SortedSetRangeCommands.swift, SortedSetAlgebraCommands.swift
        CommandSpec(.zadd, "zadd", -4, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.zincrby, "zincrby", 4, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.zrem, "zrem", -3, [.write, .fast], keys: .first),
        CommandSpec(.zremrangebyscore, "zremrangebyscore", 4, [.write], keys: .first),
        CommandSpec(.zremrangebyrank, "zremrangebyrank", 4, [.write], keys: .first),
        CommandSpec(.zremrangebylex, "zremrangebylex", 4, [.write], keys: .first),
        CommandSpec(.zunionstore, "zunionstore", -4, [.write, .denyOOM, .movableKeys]),
        CommandSpec(.zinterstore, "zinterstore", -4, [.write, .denyOOM, .movableKeys]),
        CommandSpec(.zrange, "zrange", -4, [.readonly], keys: .first),
        CommandSpec(.zrangebyscore, "zrangebyscore", -4, [.readonly], keys: .first),
        CommandSpec(.zrevrangebyscore, "zrevrangebyscore", -4, [.readonly], keys: .first),
        CommandSpec(.zrangebylex, "zrangebylex", -4, [.readonly], keys: .first),
        CommandSpec(.zrevrangebylex, "zrevrangebylex", -4, [.readonly], keys: .first),
        CommandSpec(.zcount, "zcount", 4, [.readonly, .fast], keys: .first),
        CommandSpec(.zlexcount, "zlexcount", 4, [.readonly, .fast], keys: .first),
        CommandSpec(.zrevrange, "zrevrange", -4, [.readonly], keys: .first),
        CommandSpec(.zcard, "zcard", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.zscore, "zscore", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.zrank, "zrank", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.zrevrank, "zrevrank", 3, [.readonly, .fast], keys: .first),
        CommandSpec(.zscan, "zscan", -3, [.readonly, .random], keys: .first),

        // Places on earth, in sorted sets: GeoCommands.swift
        CommandSpec(.geoadd, "geoadd", -5, [.write, .denyOOM], keys: .first),
        CommandSpec(.geohash, "geohash", -2, [.readonly], keys: .first),
        CommandSpec(.geopos, "geopos", -2, [.readonly], keys: .first),
        CommandSpec(.geodist, "geodist", -4, [.readonly], keys: .first),
        CommandSpec(.georadius, "georadius", -6, [.write], keys: .first),
        CommandSpec(.georadiusbymember, "georadiusbymember", -5, [.write], keys: .first),

        // Keys: KeyCommands.swift, ExpiryCommands.swift, ScanCommands.swift, DumpCommands.swift
        CommandSpec(.del, "del", -2, [.write], keys: .all),
        CommandSpec(.exists, "exists", -2, [.readonly, .fast], keys: .all),
        CommandSpec(.type, "type", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.rename, "rename", 3, [.write], keys: .range(1, 2)),
        CommandSpec(.renamenx, "renamenx", 3, [.write, .fast], keys: .range(1, 2)),
        CommandSpec(.move, "move", 3, [.write, .fast], keys: .first),
        CommandSpec(.randomkey, "randomkey", 1, [.readonly, .random]),
        CommandSpec(.keys, "keys", 2, [.readonly, .sortForScript]),
        CommandSpec(.scan, "scan", -2, [.readonly, .random]),
        CommandSpec(.object, "object", 3, [.readonly], keys: .range(2, 2, step: 2)),
        CommandSpec(.expire, "expire", -3, [.write, .fast], keys: .first),
        CommandSpec(.expireat, "expireat", -3, [.write, .fast], keys: .first),
        CommandSpec(.pexpire, "pexpire", -3, [.write, .fast], keys: .first),
        CommandSpec(.pexpireat, "pexpireat", -3, [.write, .fast], keys: .first),
        CommandSpec(.ttl, "ttl", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.pttl, "pttl", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.persist, "persist", 2, [.write, .fast], keys: .first),
        CommandSpec(.dump, "dump", 2, [.readonly], keys: .first),
        CommandSpec(.restore, "restore", -4, [.write, .denyOOM], keys: .first),
        CommandSpec(.migrate, "migrate", -6, [.write, .movableKeys]),
        CommandSpec(.sort, "sort", -2, [.write, .denyOOM, .movableKeys], keys: .first),

        // Connections: ConnectionCommands.swift
        CommandSpec(.auth, "auth", -2, [.noScript, .loading, .stale, .fast]),
        CommandSpec(.echo, "echo", 2, [.readonly, .fast]),
        CommandSpec(.ping, "ping", -1, [.readonly, .stale, .fast]),
        CommandSpec(.quit, "quit", -1, [.loading, .stale, .fast]),
        CommandSpec(.select, "select", 2, [.readonly, .loading, .fast]),
        CommandSpec(.client, "client", -2, [.readonly, .admin, .noScript]),

        // Server: ServerCommands.swift, InfoCommand.swift, ConfigCommand.swift, CommandCommand.swift,
        // DebugCommand.swift
        CommandSpec(.dbsize, "dbsize", 1, [.readonly, .fast]),
        CommandSpec(.flushdb, "flushdb", 1, [.write]),
        CommandSpec(.flushall, "flushall", 1, [.write]),
        CommandSpec(.time, "time", 1, [.readonly, .random, .fast]),
        CommandSpec(.info, "info", -1, [.readonly, .loading, .stale]),
        CommandSpec(.config, "config", -2, [.readonly, .admin, .stale]),
        CommandSpec(.command, "command", 0, [.readonly, .loading, .stale]),
        CommandSpec(.debug, "debug", -2, [.admin, .noScript]),
        CommandSpec(.monitor, "monitor", 1, [.readonly, .admin, .noScript]),
        CommandSpec(.shutdown, "shutdown", -1, [.readonly, .admin, .loading, .stale]),

        // Persistence: SaveCommands.swift
        CommandSpec(.save, "save", 1, [.readonly, .admin, .noScript]),
        CommandSpec(.bgsave, "bgsave", -1, [.readonly, .admin]),
        CommandSpec(.bgrewriteaof, "bgrewriteaof", 1, [.readonly, .admin]),
        CommandSpec(.lastsave, "lastsave", 1, [.readonly, .random, .fast]),

        // Transactions: TransactionCommands.swift
        CommandSpec(.multi, "multi", 1, [.readonly, .noScript, .fast]),
        CommandSpec(.exec, "exec", 1, [.noScript, .skipMonitor]),
        CommandSpec(.discard, "discard", 1, [.readonly, .noScript, .fast]),
        CommandSpec(.watch, "watch", -2, [.readonly, .noScript, .fast], keys: .all),
        CommandSpec(.unwatch, "unwatch", 1, [.readonly, .noScript, .fast]),

        // Scripts: ScriptCommands.swift
        CommandSpec(.eval, "eval", -3, [.noScript, .movableKeys, .mayCallWrites]),
        CommandSpec(.evalsha, "evalsha", -3, [.noScript, .movableKeys, .mayCallWrites]),
        CommandSpec(.evalReadOnly, "eval_ro", -3, [.readonly, .noScript, .movableKeys]),
        CommandSpec(.evalshaReadOnly, "evalsha_ro", -3, [.readonly, .noScript, .movableKeys]),
        CommandSpec(.script, "script", -2, [.readonly, .admin, .noScript]),

        // Publishing: PubSubCommands.swift
        CommandSpec(.subscribe, "subscribe", -2, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.unsubscribe, "unsubscribe", -1, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.psubscribe, "psubscribe", -2, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.punsubscribe, "punsubscribe", -1, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.publish, "publish", 3, [.readonly, .pubSub, .loading, .stale, .fast]),
        CommandSpec(.pubsub, "pubsub", -2, [.readonly, .pubSub, .random, .loading, .stale]),

        // Time of commands: SlowlogCommand.swift, LatencyCommand.swift
        CommandSpec(.slowlog, "slowlog", -2, [.readonly]),
        CommandSpec(.latency, "latency", -2, [.readonly, .admin, .noScript, .loading, .stale]),

        // Of Redis 3.2, and about replicas: KeyCommands.swift, BitfieldCommand.swift, ReplicationCommands.swift,
        // ReplicaCommands.swift
        CommandSpec(.touch, "touch", -2, [.readonly, .fast], keys: .first),
        CommandSpec(.bitfield, "bitfield", -2, [.write, .denyOOM], keys: .first),
        CommandSpec(.wait, "wait", 3, [.noScript]),
        CommandSpec(.slaveof, "slaveof", 3, [.admin, .noScript, .stale]),
        CommandSpec(.replicaof, "replicaof", 3, [.admin, .noScript, .stale]),
        CommandSpec(.replconf, "replconf", -1, [.readonly, .admin, .noScript, .loading, .stale]),
        CommandSpec(.psync, "psync", 3, [.readonly, .admin, .noScript]),
        CommandSpec(.sync, "sync", 1, [.readonly, .admin, .noScript]),
        CommandSpec(.role, "role", 1, [.admin, .noScript, .loading, .stale]),

        CommandSpec(.hello, "hello", -1, [.noScript, .loading, .stale, .fast]),
        CommandSpec(.reset, "reset", 1, [.noScript, .loading, .stale, .fast]),

        // Since Redis 5 and 6: StringAndExpiryCommands.swift, CopyCommand.swift, ListSearchCommands.swift,
        // SortedSetPopCommands.swift, and beside their elders
        CommandSpec(.getdel, "getdel", 2, [.write, .fast], keys: .first),
        CommandSpec(.getex, "getex", -2, [.write, .fast], keys: .first),
        CommandSpec(.copy, "copy", -3, [.write, .denyOOM], keys: .range(1, 2)),
        CommandSpec(.unlink, "unlink", -2, [.write, .fast], keys: .all),
        CommandSpec(.expiretime, "expiretime", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.pexpiretime, "pexpiretime", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.lmove, "lmove", 5, [.write, .denyOOM], keys: .range(1, 2)),
        CommandSpec(.lpos, "lpos", -3, [.readonly], keys: .first),
        CommandSpec(.smismember, "smismember", -3, [.readonly, .fast], keys: .first),
        CommandSpec(.sintercard, "sintercard", -3, [.readonly, .movableKeys]),
        CommandSpec(.hrandfield, "hrandfield", -2, [.readonly, .random], keys: .first),
        CommandSpec(.zmscore, "zmscore", -3, [.readonly, .fast], keys: .first),
        CommandSpec(.zpopmin, "zpopmin", -2, [.write, .fast], keys: .first),
        CommandSpec(.zpopmax, "zpopmax", -2, [.write, .fast], keys: .first),
        CommandSpec(.zrandmember, "zrandmember", -2, [.readonly, .random], keys: .first),
        CommandSpec(.zrangestore, "zrangestore", -5, [.write, .denyOOM], keys: .range(1, 2)),
        CommandSpec(.zunion, "zunion", -3, [.readonly, .movableKeys]),
        CommandSpec(.zinter, "zinter", -3, [.readonly, .movableKeys]),
        CommandSpec(.zdiff, "zdiff", -3, [.readonly, .movableKeys]),
        CommandSpec(.zintercard, "zintercard", -3, [.readonly, .movableKeys]),
        CommandSpec(.zdiffstore, "zdiffstore", -4, [.write, .denyOOM, .movableKeys]),

        // Slots: SlotCommands.swift, SlotRestoreCommand.swift, SlotMigrationCommands.swift
        CommandSpec(.slotsinfo, "slotsinfo", -1, [.readonly, .fast]),
        CommandSpec(.slotsscan, "slotsscan", -3, [.readonly, .random]),
        CommandSpec(.slotsdel, "slotsdel", -2, [.write], keys: .all),
        CommandSpec(.slotshashkey, "slotshashkey", -1, [.readonly, .fast]),
        CommandSpec(.slotscheck, "slotscheck", 0, [.readonly]),
        CommandSpec(.slotsrestore, "slotsrestore", -4, [.write, .denyOOM]),
        CommandSpec(.slotsmgrtone, "slotsmgrtone", 5, [.write]),
        CommandSpec(.slotsmgrtslot, "slotsmgrtslot", 5, [.write]),
        CommandSpec(.slotsmgrttagone, "slotsmgrttagone", 5, [.write]),
        CommandSpec(.slotsmgrttagslot, "slotsmgrttagslot", 5, [.write]),

        // Slots, asynchronously: SlotRestoreAsyncCommand.swift, AsyncMigrationCommands.swift, ExecWrapperCommand.swift
        CommandSpec(.slotsmgrtoneAsync, "slotsmgrtone-async", -7, [.write, .noScript]),
        CommandSpec(.slotsmgrttagoneAsync, "slotsmgrttagone-async", -7, [.write, .noScript]),
        CommandSpec(.slotsmgrtslotAsync, "slotsmgrtslot-async", 8, [.write, .noScript]),
        CommandSpec(.slotsmgrttagslotAsync, "slotsmgrttagslot-async", 8, [.write, .noScript]),
        CommandSpec(.slotsmgrtoneAsyncDump, "slotsmgrtone-async-dump", -4, [.readonly, .denyOOM]),
        CommandSpec(.slotsmgrttagoneAsyncDump, "slotsmgrttagone-async-dump", -4, [.readonly, .denyOOM]),
        CommandSpec(.slotsmgrtAsyncFence, "slotsmgrt-async-fence", 0, [.readonly, .noScript]),
        CommandSpec(.slotsmgrtAsyncCancel, "slotsmgrt-async-cancel", 0, [.fast]),
        CommandSpec(.slotsmgrtAsyncStatus, "slotsmgrt-async-status", 0, [.fast]),
        CommandSpec(.slotsmgrtExecWrapper, "slotsmgrt-exec-wrapper", -3, [.write, .denyOOM]),
        CommandSpec(.slotsrestoreAsync, "slotsrestore-async", -2, [.write, .denyOOM]),
        CommandSpec(.slotsrestoreAsyncAuth, "slotsrestore-async-auth", 2, [.noScript, .loading, .stale, .fast]),
        CommandSpec(.slotsrestoreAsyncSelect, "slotsrestore-async-select", 2, [.loading, .fast]),
        CommandSpec(.slotsrestoreAsyncAck, "slotsrestore-async-ack", 3, [.write]),
    ]
}

/// Every command, as the number that dispatch switches over.
enum Command: UInt8, CaseIterable {
    case get, set, setnx, setex, psetex, append, strlen, setrange, getrange, substr, getset, mget, mset, msetnx
    case incr, decr, incrby, decrby, incrbyfloat, setbit, getbit, bitcount, bitpos, bitop
    case hset, hsetnx, hget, hmset, hmget, hincrby, hincrbyfloat, hdel, hlen, hstrlen, hkeys, hvals, hgetall, hexists
    case hscan
    case sadd, srem, smove, sismember, scard, spop, srandmember, sinter, sinterstore, sunion, sunionstore, sdiff
    case sdiffstore, smembers, sscan
    case lpush, rpush, lpushx, rpushx, lpop, rpop, llen, lindex, lset, linsert, lrange, ltrim, lrem, rpoplpush
    case blpop, brpop, brpoplpush
    case zadd, zincrby, zrem, zremrangebyscore, zremrangebyrank, zremrangebylex, zunionstore, zinterstore
    case zrange, zrangebyscore, zrevrangebyscore, zrangebylex, zrevrangebylex, zcount, zlexcount, zrevrange
    case zcard, zscore, zrank, zrevrank, zscan
    case geoadd, geohash, geopos, geodist, georadius, georadiusbymember
    case del, exists, type, rename, renamenx, move, randomkey, keys, scan, object
    case expire, expireat, pexpire, pexpireat, ttl, pttl, persist, dump, restore, migrate
    case auth, echo, ping, quit, select, client
    case dbsize, flushdb, flushall, time, info, config, command, debug, monitor, shutdown
    case save, bgsave, bgrewriteaof, lastsave
    case multi, exec, discard, watch, unwatch
    case eval, evalsha, evalReadOnly, evalshaReadOnly, script
    case subscribe, unsubscribe, psubscribe, punsubscribe, publish, pubsub
    case slotsinfo, slotsscan, slotsdel, slotshashkey, slotscheck, slotsrestore
    case slotsmgrtone, slotsmgrtslot, slotsmgrttagone, slotsmgrttagslot
    case slotsmgrtoneAsync, slotsmgrttagoneAsync, slotsmgrtslotAsync, slotsmgrttagslotAsync
    case slotsmgrtoneAsyncDump, slotsmgrttagoneAsyncDump, slotsmgrtAsyncFence, slotsmgrtAsyncCancel
    case slotsmgrtAsyncStatus, slotsmgrtExecWrapper
    case slotsrestoreAsync, slotsrestoreAsyncAuth, slotsrestoreAsyncSelect, slotsrestoreAsyncAck
    case pfadd, pfcount, pfmerge, pfdebug, pfselftest
    case slowlog, latency, sort
    case touch, bitfield, wait, role
    case slaveof, replicaof, replconf, psync, sync
    case hello, reset
    case getdel, getex, copy, unlink, expiretime, pexpiretime, lmove, lpos, smismember, sintercard, hrandfield
    case zmscore, zpopmin, zpopmax, zrandmember, zrangestore, zunion, zinter, zdiff, zintercard, zdiffstore

    /// Whether a client with subscriptions may send the command.
    var isAllowedToSubscribers: Bool {
        switch self {
        case .subscribe, .unsubscribe, .psubscribe, .punsubscribe, .ping, .reset: true
        default: false
        }
    }

    /// Whether the command gives a password, and needs none before.
    var isAuthentication: Bool { self == .auth || self == .hello || self == .reset || self == .slotsrestoreAsyncAuth }

    /// Whether the command is executed at once even between MULTI and EXEC.
    var isExecutedWithinMulti: Bool {
        self == .exec || self == .discard || self == .reset || self == .multi || self == .watch
    }
}
