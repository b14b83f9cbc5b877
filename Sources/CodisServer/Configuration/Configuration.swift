/// All settings of the server, as read from the configuration file, the command line and `CONFIG SET`.
///
/// One property for each directive, bearing the directive's name in camel case, and holding Redis 2.8's built-in
/// default until something else is loaded. How a directive is written, checked and printed is said by its line in
/// `DirectiveTable`; this type only holds the values. What each of them is for stands in `redis.conf`.
///
/// A plain value: it can be copied, compared and changed without effect on a running server. Whoever changes the
/// server's own configuration acts upon the new value.
struct Configuration: Equatable, Sendable {
    /// The absolute path of the file that was loaded; `nil` without one, or when it came by standard input.
    var file: String?

    // MARK: Process

    var daemonize = false
    var supervised = Supervision.no
    var pidfile = "/var/run/redis.pid"
    /// The working directory. Absolute once `load(arguments:)` has run.
    var dir = "."
    var databases = 16
    /// Turns of the background work per second, 1 to 500.
    var hz = 10
    var activerehashing = true
    /// Commands in the order they are to be renamed.
    var renameCommand: [CommandRename] = []
    /// Milliseconds; 0 is off.
    var watchdogPeriod = 0

    // MARK: Network and clients

    /// 0 is no TCP port at all.
    var port = 6379
    /// Empty means every address.
    var bind: [String] = []
    var protectedMode = false
    var tcpBacklog = 511
    /// Path of the Unix domain socket; empty means none.
    var unixsocket = ""
    /// File mode of the Unix domain socket; 0 leaves it to the umask.
    var unixsocketperm = 0
    /// Seconds a client may be idle; 0 is forever.
    var timeout = 0
    /// Seconds between probes; 0 is off.
    var tcpKeepalive = 0
    var maxclients = 10_000
    /// Empty means no password.
    var requirepass: [UInt8] = []
    var clientOutputBufferLimit = OutputBufferLimits()
    var notifyKeyspaceEvents: KeyspaceEventClasses = []

    // MARK: Memory and encodings

    /// Bytes; 0 is no limit.
    var maxmemory = 0
    var maxmemoryPolicy = MaxmemoryPolicy.volatileLRU
    var maxmemorySamples = 3
    /// The higher, the more uses a step of the counter stands for.
    var lfuLogFactor = 10
    /// Minutes after which the counter goes down by one; 0 is never.
    var lfuDecayTime = 1
    var hashMaxZiplistEntries = 512
    /// Bytes of the longest field or value.
    var hashMaxZiplistValue = 64
    var listMaxZiplistEntries = 512
    /// Bytes of the longest element.
    var listMaxZiplistValue = 64
    /// Elements of a chunk if positive; -1 to -5 are 4, 8, 16, 32 and 64 KiB.
    var listMaxZiplistSize = -2
    var listCompressDepth = 0
    var setMaxIntsetEntries = 512
    var zsetMaxZiplistEntries = 128
    /// Bytes of the longest member.
    var zsetMaxZiplistValue = 64
    /// Bytes.
    var hllSparseMaxBytes = 3000

    // MARK: Snapshots

    var save = [
        SavePoint(seconds: 3600, changes: 1),
        SavePoint(seconds: 300, changes: 100),
        SavePoint(seconds: 60, changes: 10_000),
    ]
    var stopWritesOnBgsaveError = true
    var rdbcompression = true
    var rdbchecksum = true
    var dbfilename = "dump.rdb"

    // MARK: Append-only file

    var appendonly = false
    var appendfilename = "appendonly.aof"
    var appendfsync = AppendFsync.everysec
    var noAppendfsyncOnRewrite = false
    /// Percent; 0 is never.
    var autoAofRewritePercentage = 100
    /// Bytes.
    var autoAofRewriteMinSize = 64 << 20
    var aofLoadTruncated = true
    var aofRewriteIncrementalFsync = true

    // MARK: Replication

    /// The master to follow; `nil` if this server is one itself.
    var slaveof: MasterAddress?
    /// Empty means no password.
    var masterauth: [UInt8] = []
    var slaveServeStaleData = true
    var slaveReadOnly = true
    var slavePriority = 100
    var replDisklessSync = false
    /// Seconds.
    var replDisklessSyncDelay = 5
    /// Seconds.
    var replPingSlavePeriod = 10
    /// Seconds.
    var replTimeout = 60
    var replDisableTcpNodelay = false
    /// Bytes, at least 16 KiB.
    var replBacklogSize = 1 << 20
    /// Seconds; 0 is forever.
    var replBacklogTtl = 3600
    /// Milliseconds that a replica waits for its master to hand over, and a master holds its writers; 0 turns it off.
    var replHandoverTimeout = 1000
    /// 0 turns the check off.
    var minSlavesToWrite = 0
    /// Seconds.
    var minSlavesMaxLag = 10

    // MARK: Scripts

    /// Milliseconds; 0 is no limit.
    var luaTimeLimit = 5000

    // MARK: Logs and measurements

    var loglevel = LogLevel.notice
    /// Empty means standard output.
    var logfile = ""
    var syslogEnabled = false
    var syslogIdent = "redis"
    var syslogFacility = SyslogFacility.local0
    /// Microseconds; negative is never.
    var slowlogLogSlowerThan = 10_000
    var slowlogMaxLen = 128
    /// Milliseconds; 0 is off.
    var latencyMonitorThreshold = 0
}
