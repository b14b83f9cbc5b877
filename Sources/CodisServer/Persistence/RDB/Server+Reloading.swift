import Logging
import RESP

extension Server {
    /// DEBUG RELOAD: the data set is saved and read again, while everybody waits. Where it cannot be read it stays as it
    /// was.
    mutating func debugReload(_ client: Client) throws(CommandError) {
        if snapshot.isRunning { throw .saveInProgress }
        guard !migration.hasPins else {
            return client.reply.error("ERR Keys are on their way to another server; try again when they are there")
        }
        guard saveAtOnce() else { throw .saveFailed }
        do throws(StartError) {
            try loadRDBFile(servesClients: false)
            logger.warning("DB reloaded by DEBUG RELOAD")
            client.reply.ok()
        } catch {
            client.reply.error("ERR Error trying to load the RDB dump: \(error.message)")
        }
    }
}
