import Logging
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
    mutating func bgsave(_ client: Client) throws(CommandError) {
        if snapshot.running?.purpose == .rewrite { throw .saveDuringRewrite }
        guard saveInBackground() else { throw .saveInProgress }
        client.reply.append("+Background saving started\r\n")
    }

    /// `LASTSAVE`: the Unix time in seconds of the last good file, or of the start.
    func lastsave(_ client: Client) { client.reply.integer(saves.lastSave) }
}
