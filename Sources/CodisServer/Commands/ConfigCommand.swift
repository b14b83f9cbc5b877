import Glibc
import Logging
import Memory
import RESP
import SlotStorage

extension Server {
    /// CONFIG GET pattern, CONFIG SET name value, CONFIG RESETSTAT, CONFIG REWRITE.
    mutating func config(_ request: Request, _ client: Client) throws(CommandError) {
        let subcommand = request[1]
        if subcommand.equalsIgnoringCase("set") {
            guard request.count == 4 else { return replyWrongCount(request, client) }
            setConfiguration(request, client)
        } else if subcommand.equalsIgnoringCase("get") {
            guard request.count == 3 else { return replyWrongCount(request, client) }
            getConfiguration(request, client)
        } else if subcommand.equalsIgnoringCase("resetstat") {
            guard request.count == 2 else { return replyWrongCount(request, client) }
            statistics.reset()
            commandTimes.reset()
            client.reply.ok()
        } else if subcommand.equalsIgnoringCase("rewrite") {
            guard request.count == 2 else { return replyWrongCount(request, client) }
            rewriteConfigurationFile(client)
        } else {
            client.reply.error("ERR CONFIG subcommand must be one of GET, SET, RESETSTAT, REWRITE")
        }
    }

    /// A file that has gone is made anew.
    private func rewriteConfigurationFile(_ client: Client) {
        guard let file = configuration.file else {
            return client.reply.append("-ERR The server is running without a config file\r\n")
        }
        do throws(EnvironmentError) {
            let old = try SystemEnvironment { _ in false }.contentsIfPresent(of: file)
            try FileReplacement.write(ConfigurationRewrite(old ?? []).text(with: configuration), to: file)
            logger.warning("CONFIG REWRITE executed with success.")
            client.reply.ok()
        } catch {
            logger.warning("CONFIG REWRITE failed: \(error.reason)")
            client.reply.error("ERR Rewriting config file: \(error.reason)")
        }
    }

    private func replyWrongCount(_ request: Request, _ client: Client) {
        client.reply.error("ERR Wrong number of arguments for CONFIG \(request[1].text)")
    }

    private func getConfiguration(_ request: Request, _ client: Client) {
        let pattern = GlobPattern(request[2])
        let found = configuration.get { pattern.matches(Array($0.utf8).bytes) }
        client.reply.map(found.count)
        for (name, value) in found {
            client.reply.bulk(name)
            client.reply.bulk(value)
        }
    }

    private mutating func setConfiguration(_ request: Request, _ client: Client) {
        let before = configuration
        // Commands are renamed at start only, so nobody asks for their names here.
        let environment = SystemEnvironment { _ in false }
        do throws(ConfigurationError) {
            try configuration.set(request[2].array, to: request[3].array, environment: environment)
            try followConfiguration(from: before)
            client.reply.ok()
        } catch {
            configuration = before
            client.reply.append(UInt8(ascii: "-"))
            for byte in error.reply { client.reply.append(byte) }
            client.reply.append("\r\n")
        }
    }

    /// Makes the server do what has changed in its configuration. What is read from the configuration at each use needs
    /// nothing here; `dir` has been followed already.
    private mutating func followConfiguration(from old: Configuration) throws(ConfigurationError) {
        if configuration.maxclients > old.maxclients {
            let wanted = configuration.maxclients
            adjustOpenFilesLimit()
            guard configuration.maxclients == wanted else {
                throw .refused(
                    "The operating system is not able to handle the specified number of clients, "
                        + "try with \(configuration.maxclients)")
            }
        }
        followMemoryLimit(from: old)
        if configuration.appendonly != old.appendonly { try followAppendOnly() }
        if configuration.loglevel != old.loglevel { LogThreshold.shared.level = configuration.loglevel }
        requiresPassword = !configuration.requirepass.isEmpty
        followReplicationState()
        chooseSampling()
    }

    private mutating func followMemoryLimit(from old: Configuration) {
        let policy = configuration.maxmemoryPolicy
        if policy != old.maxmemoryPolicy {
            // What was said of candidates means something else now.
            eviction.pool.removeAll()
            countsUses = policy.countsUses
            updateAccessClock()
        }
        guard isOverMemoryLimit else { return }
        if configuration.maxmemory != old.maxmemory {
            logger.warning(
                """
                WARNING: the new maxmemory value set via CONFIG SET is smaller than the current memory usage. \
                This will result in keys eviction and/or inability to accept new write commands depending on the \
                maxmemory-policy.
                """)
        }
        evict()
    }
}
