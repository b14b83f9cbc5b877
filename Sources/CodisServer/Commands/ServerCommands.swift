import Logging
import Memory
import RESP
import SlotStorage

/// Commands for the server as a whole. INFO, CONFIG, COMMAND and DEBUG have files of their own.
extension Server {
    // MARK: Emptying

    mutating func flushdb(_ client: Client) {
        touchAll(in: client.state.database)
        dirty += empty(client.state.database)
        client.reply.ok()
    }

    mutating func flushall(_ client: Client) {
        // Nobody needs a file with what was thrown away.
        if snapshot.running?.purpose == .save { abortSnapshot(.intended("the data set was emptied")) }
        emptyDataSet()
        // As in Redis, FLUSHALL itself counts, so that an empty data set differs from what was saved, too.
        dirty += 1
        // Redis saves the empty data set at once, so that what was thrown away does not come back; so it is here, in
        // the background.
        if !configuration.save.isEmpty { saves.isScheduled = true }
        client.reply.ok()
    }

    /// Takes all keys away, as FLUSHALL does.
    mutating func emptyDataSet() {
        touchAll(in: nil)
        for database in 0..<keyspace.databaseCount { dirty += empty(database) }
    }

    /// Takes all keys of a database away, leaves freeing them to the helper thread, and answers how many there were.
    /// O(1).
    private mutating func empty(_ database: Int) -> Int {
        let count = keyspace[database].count
        guard count > 0 else { return 0 }
        let waiters = releaseLongValues { $0.database == database }
        dispose(of: keyspace[database].detachAll(), of: database)
        wake(waiters)
        return count
    }

    // MARK: Time and end

    /// Seconds and microseconds of Unix time.
    func time(_ client: Client) {
        let now = Clock.microsecondsNow()
        client.reply.array(2)
        client.reply.bulk(decimal: now / 1_000_000)
        client.reply.bulk(decimal: now % 1_000_000)
    }

    /// `SHUTDOWN [SAVE|NOSAVE]`: the server ends after this turn of the event loop, without a reply. Without an argument
    /// it saves the data set if there are save points.
    mutating func shutdown(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count <= 2 else { throw .syntax }
        var save: Bool?
        if request.count == 2 {
            if request[1].equalsIgnoringCase("nosave") {
                save = false
            } else if request[1].equalsIgnoringCase("save") {
                save = true
            } else {
                throw .syntax
            }
        }
        logger.warning("User requested shutdown...")
        guard prepareToStop(save: save) else { return client.reply.error("ERR Errors trying to SHUTDOWN. Check logs.") }
        client.state.flags.insert(.closesAfterReply)
        isStopping = true
        if !client.state.isScript { endScript(.shutdown) }
    }

    // MARK: Monitoring

    /// From now on the client gets a line for each command that any client sends.
    mutating func monitor(_ client: Client) {
        // Asking again changes nothing and gets no reply, as in Redis.
        guard !client.state.flags.contains(.isMonitor) else { return }
        client.state.flags.insert(.isMonitor)
        monitors.append(client.state.id)
        client.reply.ok()
    }

    /// Shows a request to all monitors: `+1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`.
    mutating func feedMonitors(_ request: Request, _ client: Client) {
        var line = ByteBuffer()
        append(monitorPrefix(client).utf8, to: &line)
        for index in 0..<request.count {
            line.append(UInt8(ascii: " "))
            append(ConfigurationLine.quoted(request[index].array), to: &line)
        }
        append("\r\n".utf8, to: &line)
        for id in monitors {
            guard let monitor = clients[id], !monitor.state.flags.contains(.repliesAreOff) else { continue }
            monitor.reply.append(line.bytes)
            queueWrite(monitor)
        }
    }

    /// The line up to the arguments: time, database, and where the client is.
    private func monitorPrefix(_ client: Client) -> String {
        let now = Clock.microsecondsNow()
        let fraction = String(now % 1_000_000)
        let time = "\(now / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
        if client.state.isScript { return "+\(time) [\(client.state.database) lua]" }
        let peer =
            client.state.isUnixSocket
            ? "unix:\(configuration.unixsocket)" : Socket.peerName(client.state.descriptor)
        return "+\(time) [\(client.state.database) \(peer)]"
    }

    private func append(_ bytes: some Sequence<UInt8>, to line: inout ByteBuffer) {
        for byte in bytes { line.append(byte) }
    }
}
