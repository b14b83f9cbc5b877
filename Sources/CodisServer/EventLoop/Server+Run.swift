import CLinux
import Glibc
import Logging
import SlotStorage

extension Server {
    /// Makes the server hear of signals and of the helper thread; to be called once, before anything is served.
    mutating func prepare() throws(SystemError) {
        try watchSignals()
        for thread in helpers { try register(thread.descriptor) { .helper(registration: $0) } }
    }

    /// Serves until SIGTERM, SIGINT or SHUTDOWN.
    mutating func run() {
        while !isStopping { turn(waiting: true) }
        let place = appendOnlyFile.isOn ? replicationPlace() : nil
        if closeAppendOnlyFile(), let place { keep(place, beside: configuration.appendfilename) }
        logger.notice("Server is now ready to exit, bye bye...")
        closeEverything()
    }

    /// One turn without waiting, for work that takes long before the server can run.
    mutating func serveAtOnce() { turn(waiting: false) }

    /// One turn: wait, serve everything that is ready, write all replies, do a slice of background work.
    private mutating func turn(waiting: Bool) {
        let now = Clock.monotonicNow()
        poller.wait(milliseconds: !waiting || hasWorkAtHand ? 0 : longestWait(from: now))
        updateClock()
        beginEvictionTurn()
        serveReadQueue()
        while let event = poller.nextEvent() { handle(event) }
        endPause()
        serveResumedClients()
        runTimers()
        if migration.isCheckDue(clock.monotonic) { checkMigrationDeadlines() }
        timeOutBlockedClients()
        replicate()
        serveResumedClients()
        // Keys that have moved are removed here, which nobody is told before the log and the replicas are.
        flushMigrationLinks()
        flushPropagation()
        continueRewrite()
        feedReplicas()
        writeReplies()
        endClosedClients()
        freeDiscards()
        if snapshot.hasWork { continueSnapshot() }
    }

    private var hasWorkAtHand: Bool {
        !readQueue.isEmpty || !resumeQueue.isEmpty || migration.hasMoreToSend || !eviction.waiters.isEmpty
            || replication.hasWorkAtHand
    }

    /// Milliseconds until something is to be done without being asked.
    private func longestWait(from now: Int64) -> Int32 {
        min(
            timers.wait(from: now), migration.longestWait, pause.wait(from: now), expirySweep.longestWait(from: now),
            eviction.longestWait(from: now), blockedClients.longestWait(from: now), snapshot.longestWait(from: now),
            replication.longestWait(from: now))
    }

    /// Lets time go on; while a script runs, only that which deadlines are measured in.
    mutating func updateClock() {
        guard scripting.run == nil else { return clock.updateMonotonic() }
        let before = accessClock
        clock.update()
        if accessClock != before { updateAccessClock() }
    }

    mutating func handle(_ event: Poller.Event) {
        let source = sources[Int(event.descriptor)]
        guard source.registration == event.registration else { return }
        switch source {
        case .none: break
        case .client(let client, _):
            // Written with all others at the end of the turn: what a reply tells has to be kept first.
            if event.isWritable, client.state.flags.contains(.waitsForWritable) {
                client.state.flags.remove(.waitsForWritable)
                queueWrite(client)
            }
            if event.isEnding { client.state.flags.insert(.isEnding) }
            if event.isReadable, !client.state.flags.contains(.isClosed) { read(from: client) }
        case .listener(_, let isUnixSocket): acceptClients(event.descriptor, isUnixSocket: isUnixSocket)
        case .signals: handleSignals(event.descriptor)
        case .helper:
            for thread in helpers {
                for result in thread.takeResults() { handle(result) }
            }
        case .migrationLink(let number, _): handleMigrationLink(number, event)
        case .master(let number, _): handleMasterLink(number, event)
        }
    }

    private var helpers: [HelperThread] {
        [helper, snapshotWriter, appendOnlyFile.appender, appendOnlyFile.synchronizer]
    }

    private mutating func handle(_ result: HelperThread.Result) {
        switch result {
        case .resolved(let link, let addresses): migrationLinkResolved(link, addresses)
        case .snapshot(let number, let report): handle(report, ofSnapshot: number)
        case .appended(let writer, let error): appended(writer, error)
        case .synchronized(let writer, let error): synchronized(writer, error)
        case .masterResolved(let link, let addresses): masterResolved(link, addresses)
        }
    }

    // MARK: Timers

    private mutating func runTimers() {
        if timers.isTickDue(clock.monotonic, hz: configuration.hz) {
            watchdog.wind(milliseconds: configuration.watchdogPeriod)
            statistics.sampleMemory(usedMemory)
            statistics.sample(at: clock.monotonic)
            migration.progress.sample(at: clock.monotonic)
            expireKeys()
            saveWhenDue()
            startFullSync()
        } else if expirySweep.isBehind {
            expireKeys()
        }
        evictInBackground()
        scheduleRewriteWhenDue()
        if timers.isSecondDue(clock.monotonic) {
            closeIdleClients()
            checkSlowClients()
            closeIdleMigrationLinks()
            endExpiredArrivals()
            retryAppendOnlyFile()
            tendReplicas()
            tendMasterLink()
        }
    }

    // MARK: Signals

    private mutating func watchSignals() throws(SystemError) {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        // A file that must not grow is an error of writing it.
        signal(SIGXFSZ, SIG_IGN)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let flags = Int32(SFD_NONBLOCK | SFD_CLOEXEC)
        let descriptor = try retryingInterrupts { unsafe signalfd(-1, &set, flags) }
        try register(descriptor) { .signals(registration: $0) }
    }

    private mutating func handleSignals(_ descriptor: Int32) {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while unsafe Glibc.read(descriptor, &information, size) == size {
            let name = information.ssi_signo == UInt32(SIGINT) ? "SIGINT" : "SIGTERM"
            logger.warning("Received \(name) scheduling shutdown...")
            isStopping = prepareToStop()
            if !isStopping {
                logger.warning(
                    "\(name) received but errors trying to shut down the server, check the logs for more information")
            }
        }
    }

    private mutating func closeEverything() {
        for (_, client) in clients { close(client) }
        endClosedClients()
        if !configuration.unixsocket.isEmpty { unsafe Glibc.unlink(configuration.unixsocket) }
    }
}
