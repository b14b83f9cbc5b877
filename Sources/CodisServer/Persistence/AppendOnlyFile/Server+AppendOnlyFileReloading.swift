import Logging
import Memory
import RESP

extension Server {
    /// DEBUG LOADAOF: the data set anew from the append-only file, while everybody waits. If that cannot be read the data
    /// set is empty afterwards.
    mutating func debugLoadAppendOnlyFile(_ client: Client) {
        // What was executed before is in the file; what is read from it must not get there again.
        cancelRewrite("the append-only file is loaded")
        flushPropagation()
        if let writer = appendOnlyFile.writer { _ = try? writer.writeOut() }
        let listeners = propagation.listeners
        propagation.pause()
        defer { propagation.resume(listeners) }
        emptyDataSet()
        do throws(StartError) {
            try loadAppendOnlyFile(servesClients: false)
            logger.warning("Append Only File loaded by DEBUG LOADAOF")
            client.reply.ok()
        } catch {
            emptyDataSet()
            client.reply.error("ERR \(error.message)")
        }
    }
}
