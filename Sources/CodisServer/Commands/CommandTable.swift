/// Every command, one line each: its case, name, arity, flags and keys. The handler is named in `CommandDispatch.swift`,
/// and stands in the file of its family.
extension CommandSpec {
    static let all: [CommandSpec] = [
        // Strings: StringCommands.swift, NumberCommands.swift, BitCommands.swift
        CommandSpec(.get, "get", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.set, "set", -3, [.write, .denyOOM], keys: .first),
        CommandSpec(.setnx, "setnx", 3, [.write, .denyOOM, .fast], keys: .first),
        CommandSpec(.setex, "setex", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.psetex, "psetex", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.append, "append", 3, [.write, .denyOOM], keys: .first),
        CommandSpec(.strlen, "strlen", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.setrange, "setrange", 4, [.write, .denyOOM], keys: .first),
        CommandSpec(.getrange, "getrange", 4, [.readonly], keys: .first),
        CommandSpec(.substr, "substr", 4, [.readonly], keys: .first),
        CommandSpec(.getset, "getset", 3, [.write, .denyOOM], keys: .first),
        CommandSpec(.mget, "mget", -2, [.readonly], keys: .all),
        CommandSpec(.mset, "mset", -3, [.write, .denyOOM], keys: .range(1, -1, step: 2)),
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
        CommandSpec(.expire, "expire", 3, [.write, .fast], keys: .first),
        CommandSpec(.expireat, "expireat", 3, [.write, .fast], keys: .first),
        CommandSpec(.pexpire, "pexpire", 3, [.write, .fast], keys: .first),
        CommandSpec(.pexpireat, "pexpireat", 3, [.write, .fast], keys: .first),
        CommandSpec(.ttl, "ttl", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.pttl, "pttl", 2, [.readonly, .fast], keys: .first),
        CommandSpec(.persist, "persist", 2, [.write, .fast], keys: .first),
        CommandSpec(.dump, "dump", 2, [.readonly], keys: .first),
        CommandSpec(.restore, "restore", -4, [.write, .denyOOM], keys: .first),
        CommandSpec(.migrate, "migrate", -6, [.write], keys: .range(3, 3)),

        // Connections: ConnectionCommands.swift
        CommandSpec(.auth, "auth", 2, [.noScript, .loading, .stale, .fast]),
        CommandSpec(.echo, "echo", 2, [.readonly, .fast]),
        CommandSpec(.ping, "ping", -1, [.readonly, .stale, .fast]),
        CommandSpec(.quit, "quit", -1, [.loading, .stale, .fast]),
        CommandSpec(.select, "select", 2, [.readonly, .loading, .fast]),
        CommandSpec(.client, "client", -2, [.readonly, .admin]),

        // Server: ServerCommands.swift, InfoCommand.swift, ConfigCommand.swift, CommandCommand.swift, DebugCommand.swift
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

        // Transactions: TransactionCommands.swift
        CommandSpec(.multi, "multi", 1, [.readonly, .noScript, .fast]),
        CommandSpec(.exec, "exec", 1, [.noScript, .skipMonitor]),
        CommandSpec(.discard, "discard", 1, [.readonly, .noScript, .fast]),
        CommandSpec(.watch, "watch", -2, [.readonly, .noScript, .fast], keys: .all),
        CommandSpec(.unwatch, "unwatch", 1, [.readonly, .noScript, .fast]),

        // Publishing: PubSubCommands.swift
        CommandSpec(.subscribe, "subscribe", -2, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.unsubscribe, "unsubscribe", -1, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.psubscribe, "psubscribe", -2, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.punsubscribe, "punsubscribe", -1, [.readonly, .pubSub, .noScript, .loading, .stale]),
        CommandSpec(.publish, "publish", 3, [.readonly, .pubSub, .loading, .stale, .fast]),
        CommandSpec(.pubsub, "pubsub", -2, [.readonly, .pubSub, .random, .loading, .stale]),

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
    ]
}

/// Every command, as the number that dispatch switches over.
enum Command: UInt8, CaseIterable {
    case get, set, setnx, setex, psetex, append, strlen, setrange, getrange, substr, getset, mget, mset, msetnx
    case incr, decr, incrby, decrby, incrbyfloat, setbit, getbit, bitcount, bitpos, bitop
    case del, exists, type, rename, renamenx, move, randomkey, keys, scan, object
    case expire, expireat, pexpire, pexpireat, ttl, pttl, persist, dump, restore, migrate
    case auth, echo, ping, quit, select, client
    case dbsize, flushdb, flushall, time, info, config, command, debug, monitor, shutdown
    case multi, exec, discard, watch, unwatch
    case subscribe, unsubscribe, psubscribe, punsubscribe, publish, pubsub
    case slotsinfo, slotsscan, slotsdel, slotshashkey, slotscheck, slotsrestore
    case slotsmgrtone, slotsmgrtslot, slotsmgrttagone, slotsmgrttagslot

    /// Whether a client with subscriptions may send the command.
    var isAllowedToSubscribers: Bool {
        switch self {
        case .subscribe, .unsubscribe, .psubscribe, .punsubscribe, .ping: true
        default: false
        }
    }

    /// Whether the command is executed at once even between MULTI and EXEC.
    var isExecutedWithinMulti: Bool { self == .exec || self == .discard || self == .multi || self == .watch }
}
