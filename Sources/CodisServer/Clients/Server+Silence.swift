import Memory
import RESP

/// CLIENT REPLY: requests whose replies the client does not want.
extension Server {
    /// Runs a request and drops what it replies, unless it is the one that turns replies on again.
    mutating func executeSilently(_ request: Request, _ client: Client) -> Bool {
        let skipped = client.state.flags.contains(.skipsReply)
        client.state.flags.remove(.skipsReply)
        var kept = ReplyBuffer(pool: replyChunks)
        swap(&kept, &client.state.reply)
        let isDone = executeAloud(request, client)
        swap(&kept, &client.state.reply)
        if !isDone {
            if skipped { client.state.flags.insert(.skipsReply) }
            return false
        }
        if !skipped, !client.state.flags.contains(.repliesAreOff) { client.reply.ok() }
        // Without a reply nobody would write to the client, and end it then.
        if client.state.flags.contains(.closesAfterReply), client.reply.isEmpty { close(client) }
        return true
    }

    /// Replies to a client whose command had to wait, unless it wants no replies.
    mutating func replyLate<Result>(to client: Client, _ answer: (inout Server) -> Result) -> Result {
        guard client.state.flags.contains(.repliesAreOff) else { return answer(&self) }
        // Not dropped from the buffer: what was there before may be sent in part.
        var kept = ReplyBuffer(pool: replyChunks)
        swap(&kept, &client.state.reply)
        defer { swap(&kept, &client.state.reply) }
        return answer(&self)
    }

    /// `CLIENT REPLY ON|OFF|SKIP`
    func setReplies(_ mode: RawSpan, _ client: Client) throws(CommandError) {
        if mode.equalsIgnoringCase("on") {
            client.state.flags.remove(.repliesAreOff)
            client.reply.ok()
        } else if mode.equalsIgnoringCase("off") {
            client.state.flags.insert(.repliesAreOff)
        } else if mode.equalsIgnoringCase("skip") {
            if !client.state.flags.contains(.repliesAreOff) { client.state.flags.insert(.skipsReply) }
        } else {
            throw .syntax
        }
    }
}
