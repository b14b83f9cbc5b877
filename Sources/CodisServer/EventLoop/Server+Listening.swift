import CLinux
import Glibc
import Logging

extension Server {
    /// Opens every listening socket that the configuration asks for; throws what to tell the operator when one, or all,
    /// cannot be had.
    mutating func listen() throws(StartError) {
        if configuration.port != 0 { try listenTCP() }
        if !configuration.unixsocket.isEmpty {
            do throws(SystemError) {
                let descriptor = try Socket.listen(
                    atPath: configuration.unixsocket, permissions: configuration.unixsocketperm,
                    backlog: configuration.tcpBacklog)
                try register(descriptor) { .listener(registration: $0, isUnixSocket: true) }
            } catch {
                throw StartError("Opening Unix socket: bind: \(error.description)")
            }
        }
        if configuration.port == 0, configuration.unixsocket.isEmpty {
            throw StartError("Configured to not listen anywhere, exiting.")
        }
    }

    private mutating func listenTCP() throws(StartError) {
        // Without `bind`: every address of both families, IPv6 first, of which one may be missing.
        let everywhere = configuration.bind.isEmpty
        var opened = 0
        var lastFailure = ""
        for host in everywhere ? ["::", "0.0.0.0"] : configuration.bind {
            do throws(SystemError) {
                for address in try addresses(of: host) {
                    let descriptor = try Socket.listen(at: address, backlog: configuration.tcpBacklog)
                    try register(descriptor) { .listener(registration: $0, isUnixSocket: false) }
                    opened += 1
                }
            } catch {
                lastFailure =
                    "Creating Server TCP listening socket \(host):\(configuration.port): bind: \(error.description)"
                if !everywhere || error.code == EADDRINUSE { throw StartError(lastFailure) }
            }
        }
        if opened == 0 { throw StartError(lastFailure) }
    }

    private func addresses(of host: String) throws(SystemError) -> [Socket.Address] {
        do throws(AddressText.ResolveError) {
            return try AddressText.resolve(
                host: host, port: configuration.port, numericOnly: false, forListening: true)
        } catch {
            throw SystemError(EADDRNOTAVAIL)
        }
    }

    /// Raises the limit of open files to what `maxclients` needs, or lowers `maxclients` to what the limit allows.
    mutating func adjustOpenFilesLimit() {
        // Besides clients: listeners, the poller, log and data files, links to other servers.
        let reserved = 32
        let wanted = UInt(configuration.maxclients + reserved)
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
            return
        }
        let had = limit.rlim_cur
        var raised = rlimit(rlim_cur: rlim_t(wanted), rlim_max: max(limit.rlim_max, rlim_t(wanted)))
        if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { return }
        raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
        let got = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 ? limit.rlim_max : had
        if UInt(got) >= wanted { return }
        configuration.maxclients = max(1, Int(got) - reserved)
        logger.warning(
            "The limit of open files allows \(configuration.maxclients) clients only; raise 'ulimit -n' to \(wanted) for more."
        )
    }
}

/// Why the server cannot start, as a sentence for the operator.
struct StartError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
