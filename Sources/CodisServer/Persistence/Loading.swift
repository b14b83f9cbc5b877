import Logging

/// The data set while it is read from a file: what INFO and the log tell of it. While there is one, clients get
/// `-LOADING` for nearly everything, and no key expires, so that what is read stays as it was written.
struct Loading {
    let file: String
    /// Bytes of the file.
    let total: Int
    /// Bytes read so far.
    fileprivate(set) var loaded = 0
    /// Unix time in seconds.
    let startedAt: Int64
    /// Whether clients are served between two portions of the file.
    fileprivate let servesClients: Bool
    /// Nanoseconds of `Clock.monotonic`.
    fileprivate let start: Int64
    /// When the log is told the next time, likewise.
    fileprivate var nextReport: Int64

    /// Nanoseconds between two lines of the log.
    fileprivate static let reportInterval: Int64 = 5_000_000_000

    var percent: Double { total > 0 ? Double(loaded) / Double(total) * 100 : 100 }

    /// Seconds until the end at the present speed; 1 while that is not known.
    func estimatedSeconds(at now: Int64) -> Int {
        let elapsed = Int((now - start) / 1_000_000_000)
        return elapsed == 0 || loaded == 0 ? 1 : elapsed * (total - loaded) / loaded
    }
}

extension Server {
    /// Reads the data set from its file, while clients are told to wait. Throws what to tell the operator when the file
    /// is there and cannot be read.
    mutating func loadDataSet() throws(StartError) {
        guard configuration.appendonly else { return try loadRDBFile() }
        let place = ReplicationPlace.beside(configuration.appendfilename)
        // It is right as long as nothing is added to the file.
        ReplicationPlace.remove(beside: configuration.appendfilename)
        try loadAppendOnlyFile()
        if let place, !isStopping { resume(at: place) }
        try openAppendOnlyFile()
    }

    /// From now on the data set is being read. Without `servesClients` nobody is served until it is there.
    mutating func beginLoading(file: String, bytes: Int, servesClients: Bool = true) {
        let now = Clock.monotonicNow()
        loading = Loading(
            file: file, total: bytes, startedAt: clock.seconds, servesClients: servesClients, start: now,
            nextReport: now + Loading.reportInterval)
    }

    /// Tells how many bytes of the file have been read, and serves clients for a moment. To be called after each
    /// portion of at most 1 MiB. `false` when the server was told to end, and loading with it.
    mutating func noteLoaded(_ bytes: Int) -> Bool {
        loading?.loaded = bytes
        guard let loading else { return true }
        let now = Clock.monotonicNow()
        if now >= loading.nextReport {
            self.loading?.nextReport = now + Loading.reportInterval
            let percent = Int(loading.percent)
            logger.notice(
                "Loading \(loading.file): \(percent) % read, about \(loading.estimatedSeconds(at: now)) seconds left")
        }
        if loading.servesClients { serveAtOnce() }
        return !isStopping
    }

    mutating func endLoading() { loading = nil }
}
