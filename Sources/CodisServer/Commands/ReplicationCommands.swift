import Memory
import RESP

/// What clients ask about replicas. There are none yet, and the answers say so.
extension Server {
    /// `ROLE`: a master at offset 0 without replicas.
    func role(_ client: Client) {
        client.reply.array(3)
        client.reply.bulk("master")
        client.reply.integer(0)
        client.reply.array(0)
    }

    /// `WAIT replicas timeout`: no replica will ever have it, so there is nothing to wait for.
    func wait(_ request: Request, _ client: Client) throws(CommandError) {
        let timeout = try request[2].integer(orThrow: .notATimeout)
        if timeout < 0 { throw .negativeTimeout }
        _ = try request[1].integer()
        client.reply.integer(0)
    }
}
