import Memory
import RESP
import SlotStorage

/// SUBSCRIBE and its relatives, PUBLISH and PUBSUB.
extension Server {
    // MARK: Subscribing

    /// `SUBSCRIBE channel [channel ...]`: a reply for each, with the number of the client's subscriptions.
    mutating func subscribe(_ request: Request, _ client: Client) {
        let own = subscriptions(of: client)
        for index in 1..<request.count {
            let channel = request[index]
            _ = pubSub.subscribe(client.state.id, own, to: channel.array)
            reply("subscribe", channel, own, client)
        }
        client.state.flags.insert(.isSubscribed)
    }

    /// `PSUBSCRIBE pattern [pattern ...]`
    mutating func psubscribe(_ request: Request, _ client: Client) {
        let own = subscriptions(of: client)
        for index in 1..<request.count {
            let pattern = request[index]
            _ = pubSub.subscribe(client.state.id, own, toPattern: pattern.array)
            reply("psubscribe", pattern, own, client)
        }
        client.state.flags.insert(.isSubscribed)
    }

    /// `UNSUBSCRIBE [channel ...]`: from all without an argument.
    mutating func unsubscribe(_ request: Request, _ client: Client) {
        let own = subscriptions(of: client)
        for index in 1..<request.count {
            pubSub.unsubscribe(client.state.id, own, from: request[index].array)
            reply("unsubscribe", request[index], own, client)
        }
        if request.count == 1 {
            let all = own.channels
            for channel in all {
                pubSub.unsubscribe(client.state.id, own, from: channel)
                reply("unsubscribe", channel.bytes, own, client)
            }
            if all.isEmpty { replyNothing("unsubscribe", own, client) }
        }
        dropSubscriptionsIfEmpty(client)
    }

    /// `PUNSUBSCRIBE [pattern ...]`
    mutating func punsubscribe(_ request: Request, _ client: Client) {
        let own = subscriptions(of: client)
        for index in 1..<request.count {
            pubSub.unsubscribe(client.state.id, own, fromPattern: request[index].array)
            reply("punsubscribe", request[index], own, client)
        }
        if request.count == 1 {
            let all = own.patterns
            for pattern in all {
                pubSub.unsubscribe(client.state.id, own, fromPattern: pattern)
                reply("punsubscribe", pattern.bytes, own, client)
            }
            if all.isEmpty { replyNothing("punsubscribe", own, client) }
        }
        dropSubscriptionsIfEmpty(client)
    }

    /// Those of the client, made if it has none.
    private func subscriptions(of client: Client) -> Subscriptions {
        if let own = client.state.subscriptions { return own }
        let own = Subscriptions()
        client.state.subscriptions = own
        return own
    }

    private func dropSubscriptionsIfEmpty(_ client: Client) {
        guard client.state.subscriptions?.count == 0 else { return }
        client.state.subscriptions = nil
        client.state.flags.remove(.isSubscribed)
    }

    private func reply(_ kind: StaticString, _ name: RawSpan, _ own: Subscriptions, _ client: Client) {
        client.reply.push(3)
        client.reply.bulk(kind)
        client.reply.bulk(name)
        client.reply.integer(own.count)
    }

    /// To a client that wanted to leave all and was nowhere.
    private func replyNothing(_ kind: StaticString, _ own: Subscriptions, _ client: Client) {
        client.reply.push(3)
        client.reply.bulk(kind)
        client.reply.null()
        client.reply.integer(own.count)
    }

    // MARK: Publishing and asking

    /// `PUBLISH channel message`
    mutating func publish(_ request: Request, _ client: Client) {
        // While a replica takes over, nothing may follow the end of the stream.
        if !isHoldingWrites { propagate(in: client.state.database, to: .replicas) { $0.append(request) } }
        client.reply.integer(publish(request[2], on: request[1]))
    }

    /// `PUBSUB CHANNELS [pattern] | NUMSUB [channel ...] | NUMPAT`
    func pubsub(_ request: Request, _ client: Client) {
        let subcommand = request[1]
        if subcommand.equalsIgnoringCase("channels"), request.count <= 3 {
            replyChannels(matching: request.count == 3 ? request[2] : StaticString("*").bytes, client)
        } else if subcommand.equalsIgnoringCase("numsub") {
            client.reply.array((request.count - 2) * 2)
            for index in 2..<request.count {
                client.reply.bulk(request[index])
                client.reply.integer(pubSub.subscribers(of: request[index].array).count)
            }
        } else if subcommand.equalsIgnoringCase("numpat"), request.count == 2 {
            client.reply.integer(pubSub.patterns.count)
        } else {
            client.reply.error(
                "ERR Unknown PUBSUB subcommand or wrong number of arguments for '\(subcommand.text)'")
        }
    }

    private func replyChannels(matching pattern: RawSpan, _ client: Client) {
        let pattern = GlobPattern(pattern)
        let names = pubSub.channelNames.filter { pattern.matches($0.bytes) }
        client.reply.array(names.count)
        for name in names { client.reply.bulk(name) }
    }
}
