import LiveServer

/// A test of `redis-benchmark`, and what it has to find on the server.
struct RequestTest: Hashable {
    /// As `redis-benchmark -t` names it: `get`, `lrange_100`.
    let name: String

    /// Every test there is, in the order of `redis-benchmark`. PING_INLINE is not a request of any client.
    static let all = [
        "ping_mbulk", "set", "get", "incr", "lpush", "rpush", "lpop", "rpop", "sadd", "hset", "spop", "zadd", "zpopmin",
        "lrange_100", "lrange_300", "lrange_500", "lrange_600", "mset",
    ]
    /// Those that are measured with every number of requests in flight, and not only with ``usualPipeline``.
    private static let everywhere: Set = ["get", "set", "incr", "mset"]
    static let usualPipeline = 16

    func isMeasured(atPipeline pipeline: Int) -> Bool {
        pipeline == Self.usualPipeline || Self.everywhere.contains(name)
    }

    /// `ZPOPMIN`: what a server must know.
    var command: String { String(name.prefix { $0 != "_" }).uppercased() }

    /// The one key that all requests are about, if there is one. It is removed before each run, so that all begin alike.
    var key: String? {
        switch name {
        case "lpush", "rpush", "lpop", "rpop": "mylist"
        case "sadd", "spop": "myset"
        case "hset": "myhash"
        case "zadd", "zpopmin": "myzset"
        default: isRange ? "mylist" : nil
        }
    }

    /// The test that puts into the key what this one takes out.
    var preparation: String? {
        switch name {
        case "lpop", "rpop": "lpush"
        case "spop": "sadd"
        case "zpopmin": "zadd"
        default: isRange ? "lpush" : nil
        }
    }

    /// `redis-benchmark` pushes onto the list itself before it asks for ranges, and its requests are long.
    var isRange: Bool { name.hasPrefix("lrange") }

    /// About how many requests a second a server answers with so many in flight: where the first run begins.
    func expectedRate(pipeline: Int) -> Double { isRange ? 30_000 : pipeline == 1 ? 100_000 : 500_000 }
}
