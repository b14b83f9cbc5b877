extension DirectiveTable {
    /// The memory limit, and how far the compact encodings reach.
    static let memory: [Directive] = [
        Directive("maxmemory", \.maxmemory, .size().inBytes, .always),
        Directive("maxmemory-policy", \.maxmemoryPolicy, .choice(else: "Invalid maxmemory policy"), .always),
        Directive(
            "maxmemory-samples", \.maxmemorySamples,
            .integer(atLeast: 1, atMost: 1 << 31 - 1, else: "maxmemory-samples must be 1 or greater"), .always),
        Directive("lfu-log-factor", \.lfuLogFactor, .integer(atLeast: 0, else: "Invalid lfu-log-factor"), .always),
        Directive("lfu-decay-time", \.lfuDecayTime, .integer(atLeast: 0, else: "Invalid lfu-decay-time"), .always),
        Directive("hash-max-ziplist-entries", \.hashMaxZiplistEntries, .size(), .always),
        Directive("hash-max-ziplist-value", \.hashMaxZiplistValue, .size(), .always),
        Directive("list-max-ziplist-entries", \.listMaxZiplistEntries, .size(), .always),
        Directive("list-max-ziplist-value", \.listMaxZiplistValue, .size(), .always),
        Directive(
            "list-max-ziplist-size", \.listMaxZiplistSize, .integer(atLeast: -5, else: "Invalid list-max-ziplist-size"),
            .always, .accepted(.quicklist)),
        Directive(
            "list-compress-depth", \.listCompressDepth, .integer(atLeast: 0, else: "Invalid list-compress-depth"),
            .always, .accepted(.quicklist)),
        Directive("set-max-intset-entries", \.setMaxIntsetEntries, .size(), .always),
        Directive("zset-max-ziplist-entries", \.zsetMaxZiplistEntries, .size(), .always),
        Directive("zset-max-ziplist-value", \.zsetMaxZiplistValue, .size(), .always),
        Directive("hll-sparse-max-bytes", \.hllSparseMaxBytes, .size(), .always),
    ]
}
