"""Drives every command of a server once with redis-py, by its methods where it has one.

    python drive_commands.py PORT TARGET_PORT PROTOCOL

Both servers are emptied. The exit status is 1 when an answer is not the right one, or when the server has a command
that was not driven: it counts the calls itself, in INFO commandstats.
"""

import sys
import threading
import time

import redis

PORT, TARGET_PORT, PROTOCOL = (int(word) for word in sys.argv[1:4])
failures = []


def connect(port=PORT, **options):
    return redis.Redis(port=port, protocol=PROTOCOL, decode_responses=True, **options)


def check(found, expected):
    """Notes a failure where `found` is not `expected`, or does not satisfy it if it is a function."""
    if not (expected(found) if callable(expected) else found == expected):
        frame = sys._getframe(1)
        failures.append(f"line {frame.f_lineno}: expected {expected!r}, got {found!r}")


def refused(call, *arguments):
    """The text of the error that a call is answered with."""
    try:
        return f"no error but {call(*arguments)!r}"
    except redis.RedisError as error:
        return str(error)


def is_positive(number):
    return number > 0


# Families of commands, in the order of the server's command table.


def strings(r, raw):
    check(r.set("s", "value"), True)
    check(r.get("s"), "value")
    check(r.setnx("s", "other"), False)
    check(r.setex("timed", 100, "v"), True)
    check(r.psetex("timed", 100_000, "v"), True)
    check(r.append("s", "!"), 6)
    check(r.strlen("s"), 6)
    check(r.setrange("s", 0, "V"), 6)
    check(r.getrange("s", 0, 1), "Va")
    check(raw("SUBSTR", "s", 0, 1), "Va")
    check(r.getset("s", "new"), "Value!")
    check(r.mset({"a": "1", "b": "2"}), True)
    check(r.mget("a", "b", "nosuch"), ["1", "2", None])
    check(r.msetnx({"a": "1", "c": "2"}), False)
    check(raw("INCR", "n"), 1)
    check(raw("DECR", "n"), 0)
    check(r.incrby("n", 5), 5)
    check(r.decrby("n", 2), 3)
    check(r.incrbyfloat("n", 0.5), 3.5)
    check(r.getdel("a"), "1")
    check(r.getex("b", ex=100), "2")


def bits(r, raw):
    check(r.setbit("bits", 7, 1), 0)
    check(r.getbit("bits", 7), 1)
    check(r.bitcount("bits"), 1)
    check(r.bitpos("bits", 1), 7)
    check(r.bitop("NOT", "inverse", "bits"), 1)
    check(r.bitfield("field").set("u8", 0, 200).incrby("u8", 0, 100).execute(), [0, 44])


def hyperloglogs(r, raw):
    check(r.pfadd("h1", "a", "b"), 1)
    check(r.pfcount("h1"), 2)
    check(r.pfmerge("h2", "h1"), True)
    check(raw("PFDEBUG", "ENCODING", "h2"), lambda encoding: encoding in ("sparse", "dense"))
    check(raw("PFSELFTEST"), "OK")


def hashes(r, raw):
    check(r.hset("h", "f", "1"), 1)
    check(r.hsetnx("h", "f", "2"), False)
    check(r.hget("h", "f"), "1")
    check(raw("HMSET", "h", "g", "2"), True)
    check(r.hmget("h", "f", "g", "x"), ["1", "2", None])
    check(r.hincrby("h", "f", 2), 3)
    check(r.hincrbyfloat("h", "g", 0.5), 2.5)
    check(r.hlen("h"), 2)
    check(r.hstrlen("h", "g"), 3)
    check(sorted(r.hkeys("h")), ["f", "g"])
    check(sorted(r.hvals("h")), ["2.5", "3"])
    check(r.hgetall("h"), {"f": "3", "g": "2.5"})
    check(r.hexists("h", "f"), True)
    check(dict(r.hscan_iter("h")), {"f": "3", "g": "2.5"})
    check(r.hrandfield("h"), lambda field: field in ("f", "g"))
    check(r.hdel("h", "f"), 1)


def sets(r, raw):
    check(r.sadd("s1", "a", "b", "c"), 3)
    check(r.sadd("s2", "b"), 1)
    check(r.srem("s1", "c"), 1)
    check(r.smove("s1", "s2", "a"), True)
    check(r.sismember("s1", "a"), False)
    check(r.smismember("s1", ["a", "b"]), [False, True])
    check(r.scard("s2"), 2)
    check(r.srandmember("s1"), "b")
    check(set(r.sinter("s1", "s2")), {"b"})
    check(r.sintercard(2, ["s1", "s2"]), 1)
    check(r.sinterstore("s3", "s1", "s2"), 1)
    check(sorted(r.sunion("s1", "s2")), ["a", "b"])
    check(r.sunionstore("s3", "s1", "s2"), 2)
    check(set(r.sdiff("s2", "s1")), {"a"})
    check(r.sdiffstore("s3", "s2", "s1"), 1)
    check(r.smembers("s3"), {"a"})
    check(list(r.sscan_iter("s3")), ["a"])
    check(r.spop("s3"), "a")


def lists(r, raw):
    check(r.lpush("l", "b", "a"), 2)
    check(r.rpush("l", "c"), 3)
    check(r.lpushx("nosuch", "a"), 0)
    check(r.rpushx("nosuch", "a"), 0)
    check(r.lpop("l"), "a")
    check(r.rpop("l"), "c")
    check(r.llen("l"), 1)
    check(r.lindex("l", 0), "b")
    check(r.lset("l", 0, "B"), True)
    check(r.linsert("l", "before", "B", "A"), 2)
    check(r.lrange("l", 0, -1), ["A", "B"])
    check(r.lpos("l", "B"), 1)
    check(r.ltrim("l", 0, 5), True)
    check(r.lrem("l", 0, "A"), 1)
    check(r.rpoplpush("l", "m"), "B")
    check(r.lmove("m", "l", "LEFT", "RIGHT"), "B")
    check(tuple(r.blpop(["nosuch", "l"], 1)), ("l", "B"))
    r.rpush("l", "1", "2")
    check(tuple(r.brpop(["l"], 1)), ("l", "2"))
    check(r.brpoplpush("l", "m", 1), "1")
    # One that waits, and another that serves it.
    other = threading.Timer(0.2, lambda: connect().rpush("waited", "v"))
    other.start()
    check(tuple(r.blpop("waited", 20)), ("waited", "v"))
    other.join()


def sorted_sets(r, raw):
    check(r.zadd("z", {"a": 1, "b": 2, "c": 3}), 3)
    check(r.zadd("z", {"a": 5}, nx=True), 0)
    check(r.zincrby("z", 2, "a"), 3.0)
    check(r.zrem("z", "a"), 1)
    check(r.zcard("z"), 2)
    check(r.zscore("z", "b"), 2.0)
    check(r.zmscore("z", ["b", "x"]), [2.0, None])
    check(r.zrank("z", "c"), 1)
    check(r.zrevrank("z", "c"), 0)
    check(r.zrange("z", 0, -1), ["b", "c"])
    check(raw("ZREVRANGE", "z", 0, -1), ["c", "b"])
    check(raw("ZRANGEBYSCORE", "z", 2, 2), ["b"])
    check(raw("ZREVRANGEBYSCORE", "z", 9, 3), ["c"])
    check(raw("ZRANGEBYLEX", "z", "-", "+"), ["b", "c"])
    check(raw("ZREVRANGEBYLEX", "z", "+", "-"), ["c", "b"])
    check(r.zcount("z", 0, 2), 1)
    check(r.zlexcount("z", "-", "+"), 2)
    check(r.zunionstore("y", ["z"]), 2)
    check(r.zinterstore("y", {"z": 2, "y": 1}), 2)
    check(r.zdiffstore("x", ["y", "nosuch"]), 2)
    check(r.zrangestore("x", "y", 0, 0), 1)
    check(r.zunion(["z"]), ["b", "c"])
    check(r.zinter(["z", "y"]), ["b", "c"])
    check(r.zdiff(["z", "x"]), ["c"])
    check(r.zintercard(2, ["z", "y"]), 2)
    check(r.zrandmember("x"), "b")
    check(dict(r.zscan_iter("z")), {"b": 2.0, "c": 3.0})
    check(len(r.zpopmin("z", 1)), 1)
    check(len(r.zpopmax("z", 1)), 1)
    r.zadd("z", {"a": 1, "b": 2, "c": 3})
    check(r.zremrangebyrank("z", 0, 0), 1)
    check(r.zremrangebyscore("z", 2, 2), 1)
    check(r.zremrangebylex("z", "[c", "[c"), 1)


def places(r, raw):
    check(r.geoadd("g", (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")), 2)
    check(r.geohash("g", "Palermo"), ["sqc8b49rny0"])
    check(len(r.geopos("g", "Palermo", "x")), 2)
    check(r.geodist("g", "Palermo", "Catania", "km"), 166.2742)
    check(r.georadius("g", 15, 37, 200, "km", sort="ASC"), ["Catania", "Palermo"])
    check(r.georadiusbymember("g", "Palermo", 10, "km"), ["Palermo"])


def keys(r, raw):
    r.mset({"k1": "1", "k2": "2", "k3": "3"})
    check(r.delete("k3"), 1)
    check(r.unlink("k3"), 0)
    check(r.exists("k1", "k2", "k3"), 2)
    check(r.touch("k1", "k3"), 1)
    check(r.type("k1"), "string")
    check(r.rename("k1", "k4"), True)
    check(r.renamenx("k4", "k2"), False)
    check(r.copy("k2", "k5"), True)
    check(r.move("k5", 3), True)
    check(r.randomkey(), lambda key: isinstance(key, str))
    check("k2" in r.keys("k*"), True)
    check("k2" in set(r.scan_iter("k*")), True)
    check(r.object("encoding", "k2"), "int")
    check(r.expire("k2", 100), True)
    check(r.expireat("k2", int(time.time()) + 100), True)
    check(r.pexpire("k2", 100_000), True)
    check(r.pexpireat("k2", int(time.time() * 1000) + 100_000), True)
    check(r.ttl("k2"), is_positive)
    check(r.pttl("k2"), is_positive)
    check(r.expiretime("k2"), is_positive)
    check(r.pexpiretime("k2"), is_positive)
    check(r.persist("k2"), True)
    payload = connect_binary().dump("k2")
    check(connect_binary().restore("k6", 0, payload), b"OK")
    check(r.migrate("127.0.0.1", TARGET_PORT, "k6", 0, 5000), "OK")
    check(connect(TARGET_PORT).get("k6"), "2")
    r.rpush("numbers", 3, 1, 2)
    check(r.sort("numbers", desc=True), ["3", "2", "1"])


def connect_binary():
    return redis.Redis(port=PORT, protocol=PROTOCOL)


def connections(r, raw):
    check(r.echo("hello"), "hello")
    check(r.ping(), True)
    own = connect(single_connection_client=True)
    check(own.select(5), True)
    check(own.client_setname("driver"), True)
    check(own.client_getname(), "driver")
    check(any(client["name"] == "driver" for client in r.client_list()), True)
    check(refused(own.execute_command, "AUTH", "wrong"), lambda text: "password" in text)
    check(own.execute_command("HELLO", 2), lambda reply: "redis" in reply)
    check(own.execute_command("RESET"), "RESET")
    check(own.execute_command("QUIT"), lambda reply: reply in (True, "OK"))


def server(r, raw):
    check(r.dbsize(), is_positive)
    check(r.time()[0], is_positive)
    check(r.info("server")["redis_mode"], "standalone")
    check(r.config_set("slowlog-max-len", 100), True)
    check(r.config_get("slowlog-max-len"), {"slowlog-max-len": "100"})
    check(r.command_count(), len(r.command()))
    check(raw("DEBUG", "SET-ACTIVE-EXPIRE", 1), "OK")
    check(len(raw("DEBUG", "DIGEST")), 40)
    check(r.save(), True)
    check(bool(r.bgsave()), True)
    check(r.lastsave().year, lambda year: year >= 2024)
    check(r.slowlog_reset(), True)
    check(r.slowlog_len(), lambda length: length >= 0)
    check(r.latency_latest(), [])
    check(raw("ROLE")[0], "master")
    check(r.wait(0, 10), 0)
    check(refused(raw, "SHUTDOWN", "WHATEVER"), lambda text: "syntax" in text)
    with connect().monitor() as monitor:
        r.ping()
        check(next(monitor.listen())["command"], "PING")


def transactions(r, raw):
    with r.pipeline() as pipeline:
        pipeline.watch("watched")
        pipeline.multi()
        pipeline.set("watched", "1")
        pipeline.incr("watched")
        check(pipeline.execute(), [True, 2])
        pipeline.watch("watched")
        r.incr("watched")
        pipeline.multi()
        pipeline.incr("watched")
        check(refused(pipeline.execute), "Watched variable changed.")
    own = connect(single_connection_client=True)
    for word, reply in [("WATCH", True), ("UNWATCH", True), ("MULTI", "OK"), ("DISCARD", "OK")]:
        arguments = ["watched"] if word == "WATCH" else []
        check(own.execute_command(word, *arguments), lambda found: found in (reply, True, "OK"))


def publishing(r, raw):
    listener = r.pubsub()
    listener.subscribe("channel")
    listener.psubscribe("chan*")
    for kind in ("subscribe", "psubscribe"):
        check(listener.get_message(timeout=5)["type"], kind)
    check(r.pubsub_channels("channel"), ["channel"])
    check(r.pubsub_numpat(), 1)
    check(r.publish("channel", "hello"), 2)
    for kind in ("message", "pmessage"):
        check(listener.get_message(timeout=5)["type"], kind)
    listener.unsubscribe("channel")
    listener.punsubscribe("chan*")
    for kind in ("unsubscribe", "punsubscribe"):
        check(listener.get_message(timeout=5)["type"], kind)
    listener.close()


def slots(r, raw):
    check(raw("SLOTSCHECK"), "OK")
    slot = raw("SLOTSHASHKEY", "{slot}1")[0]
    r.mset({"{slot}1": "1", "{slot}2": "2", "{slot}3": "3", "{slot}4": "4", "{slot}5": "5"})
    check(raw("SLOTSINFO", slot, 1), [[slot, 5]])
    check(len(raw("SLOTSSCAN", slot, 0)), 2)
    target = ("127.0.0.1", TARGET_PORT, 5000)
    check(raw("SLOTSMGRTONE", *target, "{slot}1"), 1)
    check(raw("SLOTSMGRTSLOT", *target, slot), [1, 3])
    check(raw("SLOTSMGRTTAGONE", *target, "{slot}5"), 3)
    check(raw("SLOTSMGRTTAGSLOT", *target, slot), [0, 0])
    payload = connect_binary().dump("k2")
    check(connect_binary().execute_command("SLOTSRESTORE", "{slot}6", 0, payload), b"OK")
    check(raw("SLOTSDEL", slot), [[slot, 0]])


def slots_asynchronously(r, raw):
    slot = raw("SLOTSHASHKEY", "{async}1")[0]
    target = ("127.0.0.1", TARGET_PORT, 5000)
    limits = (100, 1_000_000)
    r.mset({f"{{async}}{number}": "v" for number in range(6)})
    check(raw("SLOTSMGRTONE-ASYNC", *target, *limits, "{async}0"), 1)
    check(raw("SLOTSMGRTTAGONE-ASYNC", *target, *limits, "{async}1"), is_positive)
    r.mset({f"{{async}}{number}": "v" for number in range(6)})
    check(raw("SLOTSMGRTSLOT-ASYNC", *target, *limits, slot, 10)[0], is_positive)
    check(len(raw("SLOTSMGRTTAGSLOT-ASYNC", *target, *limits, slot, 10)), 2)
    check(len(raw("SLOTSMGRTONE-ASYNC-DUMP", 5000, 100, "k2")), is_positive)
    check(len(raw("SLOTSMGRTTAGONE-ASYNC-DUMP", 5000, 100, "k2")), is_positive)
    check(raw("SLOTSMGRT-ASYNC-FENCE"), lambda reply: True)
    check(raw("SLOTSMGRT-ASYNC-CANCEL"), lambda reply: True)
    check(raw("SLOTSMGRT-ASYNC-STATUS"), lambda reply: True)
    check(len(raw("SLOTSMGRT-EXEC-WRAPPER", "k2", "GET", "k2")), 2)
    own = connect(single_connection_client=True)
    check(refused(own.execute_command, "SLOTSRESTORE-ASYNC-AUTH", "wrong"), lambda text: True)
    own = connect(single_connection_client=True)
    check(own.execute_command("SLOTSRESTORE-ASYNC-SELECT", 0), lambda reply: True)
    check(own.execute_command("SLOTSRESTORE-ASYNC", "delete", "nosuch"), lambda reply: True)
    check(refused(own.execute_command, "SLOTSRESTORE-ASYNC-ACK", 0, "whatever"), lambda text: True)


def scripts(r, raw):
    check(r.eval("return redis.call('get', KEYS[1])", 1, "k2"), "2")
    digest = r.script_load("return 1")
    check(r.evalsha(digest, 0), 1)
    check(r.script_exists(digest), [True])
    check(r.eval_ro("return redis.call('get', KEYS[1])", 1, "k2"), "2")
    check(r.evalsha_ro(digest, 0), 1)
    check(refused(r.eval_ro, "return redis.call('set', KEYS[1], 1)", 1, "k2"), lambda text: "read-only" in text)
    check(refused(r.script_kill), lambda text: "No scripts in execution" in text)
    multiply = r.register_script("return tonumber(redis.call('get', KEYS[1])) * ARGV[1]")
    check(multiply(keys=["k2"], args=[21]), 42)
    check(r.script_flush(), True)
    check(multiply(keys=["k2"], args=[21]), 42)


def replication(r, raw):
    check(raw("REPLCONF", "listening-port", 1), lambda reply: reply in (True, "OK"))
    check(r.slaveof(), True)
    check(raw("REPLICAOF", "NO", "ONE"), lambda reply: reply in (True, "OK") or reply.startswith("OK"))


def append_only_file(r, raw):
    check(bool(r.bgrewriteaof()), True)


def emptying(r, raw):
    check(r.flushdb(), True)
    check(r.flushall(), True)
    check(r.dbsize(), 0)


def streams_of_replicas(r, raw):
    """SYNC and PSYNC: the server answers with a snapshot, which nobody reads."""
    for words in [("SYNC",), ("PSYNC", "?", -1)]:
        connection = redis.Connection(port=PORT, protocol=2)
        connection.connect()
        connection.send_command(*words)
        check(connection.can_read(timeout=10), True)
        connection.disconnect()


def main():
    r = connect()
    raw = r.execute_command
    for port in (PORT, TARGET_PORT):
        connect(port).flushall()
    known = {name.lower() for name in r.command()}
    r.config_resetstat()
    families = [
        strings, bits, hyperloglogs, hashes, sets, lists, sorted_sets, places, keys, connections, server,
        transactions, publishing, slots, slots_asynchronously,
    ]
    # What a server may not have.
    if "eval" in known:
        families.append(scripts)
    if "bgrewriteaof" in known:
        families.append(append_only_file)
    if "psync" in known:
        families += [replication, streams_of_replicas]
    for family in families + [emptying]:
        try:
            family(r, raw)
        except Exception as error:
            failures.append(f"{family.__name__}: {type(error).__name__}: {error}")
    called = {name.removeprefix("cmdstat_") for name in r.info("commandstats")}
    # It is answered before anything is counted; its answer was checked.
    called.add("quit")
    missing = sorted(known - called)
    if missing:
        failures.append("not driven: " + " ".join(missing))
    print("\n".join(failures) or f"{len(known)} commands")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
