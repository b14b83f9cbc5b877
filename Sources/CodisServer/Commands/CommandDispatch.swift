import Memory
import RESP
import SlotStorage

extension Server {
    /// Runs one request of a client, its reply included. `false` when the command has to wait for a pinned key, for
    /// memory or for the end of CLIENT PAUSE: then nothing has happened, and the same request is to be executed again when the
    /// client goes on.
    @inline(__always)
    mutating func execute(_ request: Request, _ client: Client) -> Bool {
        client.state.flags.isDisjoint(with: [.repliesAreOff, .skipsReply])
            ? executeAloud(request, client) : executeSilently(request, client)
    }

    /// The same for a client that wants its replies.
    mutating func executeAloud(_ request: Request, _ client: Client) -> Bool {
        if pause.isOn { return false }
        guard let command = commands.find(request[0]) else {
            spoilTransaction(client)
            replyUnknown(request[0], client)
            return true
        }
        let spec = commands[command]
        if command == .quit {
            client.reply.ok()
            client.state.flags.insert(.closesAfterReply)
            return true
        }
        guard spec.accepts(argumentCount: request.count) else {
            spoilTransaction(client)
            replyWrongArity(spec, client)
            return true
        }
        if requiresPassword, !client.state.flags.contains(.isAuthenticated), !command.isAuthentication {
            spoilTransaction(client)
            client.reply.append("-NOAUTH Authentication required.\r\n")
            return true
        }
        if scripting.isBusy, !isAllowedWhileBusy(command, request) {
            spoilTransaction(client)
            client.reply.append(
                "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n")
            return true
        }
        if spec.mayNeedMemory, isOverMemoryLimit, let obstacle = makeRoom() {
            if obstacle == .underWay {
                client.state.flags.insert(.waitsForMemory)
                eviction.wait(client.state.id)
                return false
            }
            // The commands of a script are refused one by one.
            if spec.flags.contains(.denyOOM) {
                spoilTransaction(client)
                client.reply.append("-OOM command not allowed when used memory > 'maxmemory'.\r\n")
                return true
            }
        }
        if saves.hasFailed, refusesWrites, spec.flags.contains(.write) || command == .ping {
            spoilTransaction(client)
            client.reply.append(CommandError.cannotSave.reply)
            return true
        }
        if appendOnlyFile.failure != nil, changesData(command, spec, client), refusesWrite(client) { return true }
        if replication.restrictsCommands {
            if let refusal = refusal(of: spec) {
                spoilTransaction(client)
                client.reply.append(refusal)
                return true
            }
            if mustWaitForHandover(command, spec, client) { return false }
            removeHiddenKeys(spec, request, client)
        }
        if client.state.flags.contains(.isReplica) {
            hear(request, client)
            return true
        }
        if client.state.flags.contains(.isSubscribed), !command.isAllowedToSubscribers, client.reply.version == .resp2 {
            client.reply.append("-ERR only (P)SUBSCRIBE / (P)UNSUBSCRIBE / QUIT allowed in this context\r\n")
            return true
        }
        if loading != nil, !spec.flags.contains(.loading) {
            client.reply.append("-LOADING Redis is loading the dataset in memory\r\n")
            return true
        }
        if client.state.flags.contains(.isInTransaction) {
            if !command.isExecutedWithinMulti {
                enqueue(command, request, client)
                return true
            }
            if command == .exec, hasPinGate, mustWaitForPins(beforeExecOf: client) { return false }
        }
        if hasPinGate, spec.mayWaitForPins, mustWaitForPins(command, spec, request, client) {
            return false
        }
        client.state.lastCommand = command
        call(command, request, client)
        if blockedClients.hasReadyKeys { serveBlockedClients() }
        return true
    }

    /// Runs a command that nothing speaks against, its reply included.
    mutating func call(_ command: Command, _ request: Request, _ client: Client) {
        let spec = commands[command]
        if !monitors.isEmpty, spec.flags.isDisjoint(with: [.admin, .skipMonitor]) { feedMonitors(request, client) }
        statistics.commandsProcessed += 1
        let (database, changesBefore) = (client.state.database, dirty)
        let isShort = isShort(spec, request)
        let isMeasured = !isShort || commandTimes.countShort(command)
        let start = isMeasured ? Clock.monotonicNow() : 0
        do throws(CommandError) {
            try run(command, request, client)
        } catch {
            client.reply.append(error.reply)
        }
        if !propagation.listeners.isEmpty {
            endPropagation(of: request, in: database, hasChanged: dirty != changesBefore)
        }
        if isMeasured { recordTime(command, from: start, isShort: isShort, request) }
    }

    /// Runs a command of an append-only file, its reply included. Nobody but the data set hears of it.
    mutating func replay(_ command: Command, _ request: Request, _ client: Client) {
        do throws(CommandError) {
            try run(command, request, client)
        } catch {
            client.reply.append(error.reply)
        }
    }

    /// The handlers, one line each, in the order of `CommandTable.swift`.
    private mutating func run(_ command: Command, _ request: Request, _ client: Client) throws(CommandError) {
        switch command {
        case .get: try get(request, client)
        case .set: try set(request, client)
        case .setnx: try setnx(request, client)
        case .setex: try setex(request, client)
        case .psetex: try psetex(request, client)
        case .append: try append(request, client)
        case .strlen: try strlen(request, client)
        case .setrange: try setrange(request, client)
        case .getrange, .substr: try getrange(request, client)
        case .getset: try getset(request, client)
        case .mget: mget(request, client)
        case .mset: try mset(request, client)
        case .msetnx: try msetnx(request, client)
        case .incr: try incr(request, client)
        case .decr: try decr(request, client)
        case .incrby: try incrby(request, client)
        case .decrby: try decrby(request, client)
        case .incrbyfloat: try incrbyfloat(request, client)
        case .setbit: try setbit(request, client)
        case .getbit: try getbit(request, client)
        case .bitcount: try bitcount(request, client)
        case .bitpos: try bitpos(request, client)
        case .bitop: try bitop(request, client)

        case .pfadd: try pfadd(request, client)
        case .pfcount: try pfcount(request, client)
        case .pfmerge: try pfmerge(request, client)
        case .pfdebug: try pfdebug(request, client)
        case .pfselftest: pfselftest(client)

        case .hset: try hset(request, client)
        case .hsetnx: try hsetnx(request, client)
        case .hget: try hget(request, client)
        case .hmset: try hmset(request, client)
        case .hmget: try hmget(request, client)
        case .hincrby: try hincrby(request, client)
        case .hincrbyfloat: try hincrbyfloat(request, client)
        case .hdel: try hdel(request, client)
        case .hlen: try hlen(request, client)
        case .hstrlen: try hstrlen(request, client)
        case .hkeys: try hkeys(request, client)
        case .hvals: try hvals(request, client)
        case .hgetall: try hgetall(request, client)
        case .hexists: try hexists(request, client)
        case .hscan: try hscan(request, client)

        case .sadd: try sadd(request, client)
        case .srem: try srem(request, client)
        case .smove: try smove(request, client)
        case .sismember: try sismember(request, client)
        case .scard: try scard(request, client)
        case .spop: try spop(request, client)
        case .srandmember: try srandmember(request, client)
        case .sinter: try sinter(request, client)
        case .sinterstore: try sinterstore(request, client)
        case .sunion: try sunion(request, client)
        case .sunionstore: try sunionstore(request, client)
        case .sdiff: try sdiff(request, client)
        case .sdiffstore: try sdiffstore(request, client)
        case .smembers: try smembers(request, client)
        case .sscan: try sscan(request, client)

        case .lpush: try lpush(request, client)
        case .rpush: try rpush(request, client)
        case .lpushx: try lpushx(request, client)
        case .rpushx: try rpushx(request, client)
        case .lpop: try lpop(request, client)
        case .rpop: try rpop(request, client)
        case .llen: try llen(request, client)
        case .lindex: try lindex(request, client)
        case .lset: try lset(request, client)
        case .linsert: try linsert(request, client)
        case .lrange: try lrange(request, client)
        case .ltrim: try ltrim(request, client)
        case .lrem: try lrem(request, client)
        case .rpoplpush: try rpoplpush(request, client)
        case .blpop: try blpop(request, client)
        case .brpop: try brpop(request, client)
        case .brpoplpush: try brpoplpush(request, client)
        case .zadd: try zadd(request, client)
        case .zincrby: try zincrby(request, client)
        case .zrem: try zrem(request, client)
        case .zremrangebyscore: try zremrangebyscore(request, client)
        case .zremrangebyrank: try zremrangebyrank(request, client)
        case .zremrangebylex: try zremrangebylex(request, client)
        case .zunionstore: try zunionstore(request, client)
        case .zinterstore: try zinterstore(request, client)
        case .zrange: try zrange(request, client)
        case .zrangebyscore: try zrangebyscore(request, client)
        case .zrevrangebyscore: try zrevrangebyscore(request, client)
        case .zrangebylex: try zrangebylex(request, client)
        case .zrevrangebylex: try zrevrangebylex(request, client)
        case .zcount: try zcount(request, client)
        case .zlexcount: try zlexcount(request, client)
        case .zrevrange: try zrevrange(request, client)
        case .zcard: try zcard(request, client)
        case .zscore: try zscore(request, client)
        case .zrank: try zrank(request, client)
        case .zrevrank: try zrevrank(request, client)
        case .zscan: try zscan(request, client)

        case .geoadd: try geoadd(request, client)
        case .geohash: try geohash(request, client)
        case .geopos: try geopos(request, client)
        case .geodist: try geodist(request, client)
        case .georadius: try georadius(request, client)
        case .georadiusbymember: try georadiusbymember(request, client)

        case .del: del(request, client)
        case .unlink: unlink(request, client)
        case .copy: try copy(request, client)
        case .getdel: try getdel(request, client)
        case .getex: try getex(request, client)
        case .expiretime: expiretime(request, client)
        case .pexpiretime: pexpiretime(request, client)
        case .lmove: try lmove(request, client)
        case .lpos: try lpos(request, client)
        case .smismember: try smismember(request, client)
        case .sintercard: try sintercard(request, client)
        case .hrandfield: try hrandfield(request, client)
        case .zmscore: try zmscore(request, client)
        case .zpopmin: try zpopmin(request, client)
        case .zpopmax: try zpopmax(request, client)
        case .zrandmember: try zrandmember(request, client)
        case .zrangestore: try zrangestore(request, client)
        case .zunion: try zunion(request, client)
        case .zinter: try zinter(request, client)
        case .zdiff: try zdiff(request, client)
        case .zintercard: try zintercard(request, client)
        case .zdiffstore: try zdiffstore(request, client)
        case .exists: exists(request, client)
        case .type: type(request, client)
        case .rename: try rename(request, client)
        case .renamenx: try renamenx(request, client)
        case .move: try move(request, client)
        case .randomkey: randomkey(client)
        case .keys: keys(request, client)
        case .scan: try scan(request, client)
        case .object: try object(request, client)
        case .expire: try expire(request, client)
        case .expireat: try expireat(request, client)
        case .pexpire: try pexpire(request, client)
        case .pexpireat: try pexpireat(request, client)
        case .ttl: ttl(request, client)
        case .pttl: pttl(request, client)
        case .persist: persist(request, client)
        case .dump: dump(request, client)
        case .restore: try restore(request, client)
        case .migrate: try migrate(request, client)
        case .sort: try sort(request, client)

        case .auth: try auth(request, client)
        case .hello: try hello(request, client)
        case .reset: reset(client)
        case .echo: client.reply.bulk(request[1])
        case .ping: ping(request, client)
        case .quit: break
        case .select: try select(request, client)
        case .client: try self.client(request, client)

        case .dbsize: client.reply.integer(keyspace[client.state.database].count)
        case .flushdb: flushdb(client)
        case .flushall: flushall(client)
        case .time: time(client)
        case .info: try info(request, client)
        case .config: try config(request, client)
        case .command: try self.command(request, client)
        case .debug: try debug(request, client)
        case .monitor: monitor(client)
        case .shutdown: try shutdown(request, client)

        case .save: try save(client)
        case .bgsave: try bgsave(request, client)
        case .bgrewriteaof: try bgrewriteaof(client)
        case .lastsave: lastsave(client)

        case .multi: try multi(client)
        case .exec: try exec(request, client)
        case .discard: try discard(client)
        case .watch: try watch(request, client)
        case .unwatch: unwatch(client)

        case .eval: try eval(request, client, isReadOnly: false)
        case .evalsha: try evalsha(request, client, isReadOnly: false)
        case .evalReadOnly: try eval(request, client, isReadOnly: true)
        case .evalshaReadOnly: try evalsha(request, client, isReadOnly: true)
        case .script: try script(request, client)

        case .subscribe: subscribe(request, client)
        case .unsubscribe: unsubscribe(request, client)
        case .psubscribe: psubscribe(request, client)
        case .punsubscribe: punsubscribe(request, client)
        case .publish: publish(request, client)
        case .pubsub: pubsub(request, client)

        case .slowlog: try slowlog(request, client)
        case .latency: try latency(request, client)

        case .touch: touch(request, client)
        case .bitfield: try bitfield(request, client)
        case .wait: try wait(request, client)
        case .slaveof, .replicaof: try slaveof(request, client)
        case .replconf: try replconf(request, client)
        case .psync: try psync(request, client)
        case .sync: try sync(client)
        case .role: role(client)

        case .slotsinfo: try slotsinfo(request, client)
        case .slotsscan: try slotsscan(request, client)
        case .slotsdel: try slotsdel(request, client)
        case .slotshashkey: slotshashkey(request, client)
        case .slotscheck: slotscheck(client)
        case .slotsrestore: try slotsrestore(request, client)
        case .slotsmgrtone: try slotsmgrtone(request, client)
        case .slotsmgrtslot: try slotsmgrtslot(request, client)
        case .slotsmgrttagone: try slotsmgrttagone(request, client)
        case .slotsmgrttagslot: try slotsmgrttagslot(request, client)

        case .slotsmgrtoneAsync: slotsmgrtoneAsync(request, client)
        case .slotsmgrttagoneAsync: slotsmgrttagoneAsync(request, client)
        case .slotsmgrtslotAsync: slotsmgrtslotAsync(request, client)
        case .slotsmgrttagslotAsync: slotsmgrttagslotAsync(request, client)
        case .slotsmgrtoneAsyncDump: slotsmgrtoneAsyncDump(request, client)
        case .slotsmgrttagoneAsyncDump: slotsmgrttagoneAsyncDump(request, client)
        case .slotsmgrtAsyncFence: slotsmgrtAsyncFence(client)
        case .slotsmgrtAsyncCancel: slotsmgrtAsyncCancel(client)
        case .slotsmgrtAsyncStatus: slotsmgrtAsyncStatus(request, client)
        case .slotsmgrtExecWrapper: slotsmgrtExecWrapper(request, client)
        case .slotsrestoreAsync: slotsrestoreAsync(request, client)
        case .slotsrestoreAsyncAuth: slotsrestoreAsyncAuth(request, client)
        case .slotsrestoreAsyncSelect: slotsrestoreAsyncSelect(request, client)
        case .slotsrestoreAsyncAck: slotsrestoreAsyncAck(client)
        }
    }

    private mutating func replyUnknown(_ name: RawSpan, _ client: Client) {
        if name.equalsIgnoringCase("post") || name.equalsIgnoringCase("host:") { return cutOff(client) }
        client.reply.append("-ERR unknown command '")
        appendOnOneLine(name, client)
        client.reply.append("'\r\n")
    }

    private func replyWrongArity(_ spec: CommandSpec, _ client: Client) {
        client.reply.append("-ERR wrong number of arguments for '")
        client.reply.append(spec.name)
        client.reply.append("' command\r\n")
    }

    /// What the client sent, line breaks as blanks, so that an error stays one line; nobody needs more than 128 KiB.
    private func appendOnOneLine(_ text: RawSpan, _ client: Client) {
        for index in 0..<min(text.byteCount, 128 * 1024) {
            let byte = text[index]
            client.reply.append(byte == 13 || byte == 10 ? 32 : byte)
        }
    }
}
