extension DirectiveTable {
    /// Snapshots and the append-only file.
    static let persistence: [Directive] = [
        Directive("save", \.save, .savePoints, .always),
        Directive(
            "stop-writes-on-bgsave-error", \.stopWritesOnBgsaveError, .flag, .always),
        Directive("rdbcompression", \.rdbcompression, .flag, .always),
        Directive("rdbchecksum", \.rdbchecksum, .flag, .atStart),
        Directive("dbfilename", \.dbfilename, .fileName(of: "dbfilename"), .always),
        Directive("appendonly", \.appendonly, .flag, .always),
        Directive("appendfilename", \.appendfilename, .fileName(of: "appendfilename"), .fileOnly),
        Directive(
            "appendfsync", \.appendfsync, .choice(else: "argument must be 'no', 'always' or 'everysec'"), .always),
        Directive("no-appendfsync-on-rewrite", \.noAppendfsyncOnRewrite, .flag, .always),
        Directive(
            "auto-aof-rewrite-percentage", \.autoAofRewritePercentage,
            .integer(atLeast: 0, else: "Invalid negative percentage for AOF auto rewrite"), .always),
        Directive("auto-aof-rewrite-min-size", \.autoAofRewriteMinSize, .size().inBytes, .always),
        Directive("aof-load-truncated", \.aofLoadTruncated, .flag, .always),
        Directive("aof-rewrite-incremental-fsync", \.aofRewriteIncrementalFsync, .flag, .always),
    ]
}
