import Memory
import RESP

extension Server {
    /// `SLOWLOG GET [count] | LEN | RESET`
    mutating func slowlog(_ request: Request, _ client: Client) throws(CommandError) {
        let action = request[1]
        if action.equalsIgnoringCase("reset"), request.count == 2 {
            slowLog.removeAll()
            client.reply.ok()
        } else if action.equalsIgnoringCase("len"), request.count == 2 {
            client.reply.integer(slowLog.count)
        } else if action.equalsIgnoringCase("get"), request.count <= 3 {
            replySlowLog(request.count == 3 ? Int(try request[2].integer()) : 10, client)
        } else {
            client.reply.append("-ERR Unknown SLOWLOG subcommand or wrong # of args. Try GET, RESET, LEN.\r\n")
        }
    }

    private func replySlowLog(_ limit: Int, _ client: Client) {
        let entries = Array(slowLog.newest(limit))
        client.reply.array(entries.count)
        for entry in entries {
            client.reply.array(4)
            client.reply.integer(entry.id)
            client.reply.integer(entry.time)
            client.reply.integer(entry.duration)
            client.reply.array(entry.arguments.count)
            for argument in entry.arguments { client.reply.bulk(argument) }
        }
    }
}
