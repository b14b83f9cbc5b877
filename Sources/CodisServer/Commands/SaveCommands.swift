import Logging
import Memory
import RESP

/// Commands that write the data set into an RDB file.
extension Server {
    /// `SAVE`: everybody waits until the file is on the disk.
    mutating func save(_ client: Client) throws(CommandError) {
        if snapshot.isRunning { throw .saveInProgress }
        guard saveAtOnce() else { throw .saveFailed }
        client.reply.ok()
    }

    /// `BGSAVE`: the file shows the data set as it is now; nobody waits.
    mutating func bgsave(_ request: Request, _ client: Client) throws(CommandError) {
        let isSchedulable = request.count == 2 && request[1].equalsIgnoringCase("schedule")
        guard request.count == 1 || isSchedulable else { throw .syntax }
        if snapshot.running?.purpose == .rewrite {
            guard isSchedulable else { throw .saveDuringRewrite }
            saves.isScheduled = true
            return client.reply.append("+Background saving scheduled\r\n")
        }
        guard saveInBackground() else { throw .saveInProgress }
        client.reply.append("+Background saving started\r\n")
    }

    /// `LASTSAVE`: the Unix time in seconds of the last good file, or of the start.
    func lastsave(_ client: Client) { client.reply.integer(saves.lastSave) }
}
