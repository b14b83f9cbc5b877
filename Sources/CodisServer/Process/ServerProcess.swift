import Glibc
import Logging
import Memory

/// The server as a process: what `main` calls.
public enum CodisServerProcess {
    /// What `codis-server --version` prints.
    public static var version: String {
        "codis-server v=\(Server.redisVersion) malloc=jemalloc-\(AllocatorStatistics.version) bits=\(Int.bitWidth)"
    }

    /// Runs a server until it is told to end, and answers the status for the process to exit with.
    /// - Parameter arguments: `[FILE|-] [--directive value ...]`, without the program's name.
    public static func run(arguments: [String]) -> Int32 {
        let configuration: Configuration
        do throws(ConfigurationFileError) {
            configuration = try loadConfiguration(arguments)
        } catch {
            complain(error.description)
            return 1
        }
        let manager = ServiceManager(configuration.supervised) { name in
            unsafe getenv(name).map { unsafe String(cString: $0) }
        }
        let isDaemon = configuration.daemonize && manager == nil
        do throws(SystemError) {
            if isDaemon { try Daemon.enter() }
        } catch {
            complain("The server cannot go into the background: \(error.description)\n")
            return 1
        }
        Collation.adoptEnvironment()
        let logger = startLogging(configuration)
        if arguments.isEmpty {
            logger.warning("Warning: no config file specified, using the default config.")
        }
        for (name, feature) in configuration.settingsNotInEffect {
            logger.warning("WARNING: '\(name)' has no effect: this server does not have \(feature.rawValue) yet.")
        }
        do {
            let file = isDaemon ? PIDFile(path: configuration.pidfile) : nil
            defer { file?.remove() }
            try serve(configuration, logger, writing: file, announcingTo: manager)
            return 0
        } catch let error as StartError {
            logger.warning("\(error.message)")
        } catch let error as SystemError {
            logger.warning("The server cannot run: \(error.description)")
        } catch {
            logger.warning("The server cannot run: \(error)")
        }
        return 1
    }

    private static func complain(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func loadConfiguration(_ arguments: [String]) throws(ConfigurationFileError) -> Configuration {
        let names = CommandSpec.all.map { $0.name.bytes.array }
        var configuration = Configuration()
        try configuration.load(arguments: arguments, environment: SystemEnvironment(isCommand: names.contains))
        return configuration
    }

    private static func startLogging(_ configuration: Configuration) -> Logger {
        LogThreshold.shared.level = configuration.loglevel
        let destination = LogDestination(logfile: configuration.logfile, directory: configuration.dir)
        let systemLog =
            configuration.syslogEnabled
            ? SystemLog(identity: configuration.syslogIdent, facility: configuration.syslogFacility) : nil
        LoggingSystem.bootstrap { _ in
            ServerLogHandler(threshold: .shared, destination: destination, systemLog: systemLog)
        }
        CrashReport.install(destination)
        return Logger(label: "codis-server")
    }

    private static func serve(
        _ configuration: Configuration, _ logger: Logger, writing file: PIDFile?, announcingTo manager: ServiceManager?
    ) throws {
        var commands = CommandRegistry()
        for rename in configuration.renameCommand { commands.rename(rename.command, to: rename.name) }
        var server = try Server(
            configuration: configuration, commands: commands, logger: logger, poller: Poller(), helper: HelperThread(),
            snapshotWriter: HelperThread(niceness: 5),
            appendOnlyFile: AppendOnlyFile(appender: HelperThread(), synchronizer: HelperThread()))
        server.adjustOpenFilesLimit()
        try server.listen()
        try server.prepare()
        do throws(SystemError) {
            try file?.write()
        } catch {
            logger.warning("The pid file \(configuration.pidfile) cannot be written: \(error.description)")
        }
        logger.warning("Server started, Redis version \(Server.redisVersion)")
        for warning in SystemAdvice.warnings(tcpBacklog: configuration.tcpBacklog, read: SystemAdvice.text) {
            logger.warning("\(warning)")
        }
        try server.loadDataSet()
        if configuration.port != 0 {
            logger.notice("The server is now ready to accept connections on port \(configuration.port)")
        }
        if !configuration.unixsocket.isEmpty {
            logger.notice("The server is now ready to accept connections at \(configuration.unixsocket)")
        }
        if let master = configuration.slaveof { server.follow(master) }
        server.followReplicationState()
        tell(manager, logger) { manager throws(SystemError) in try manager.tellReady() }
        server.run()
        tell(manager, logger) { manager throws(SystemError) in try manager.tellStopping() }
    }

    private static func tell(
        _ manager: ServiceManager?, _ logger: Logger, _ tell: (ServiceManager) throws(SystemError) -> Void
    ) {
        guard let manager else { return }
        do throws(SystemError) {
            try tell(manager)
        } catch {
            logger.warning("The service manager cannot be told: \(error.description)")
        }
    }
}

extension LogThreshold {
    /// The one of this process, which CONFIG SET loglevel moves.
    static let shared = LogThreshold(.notice)
}
