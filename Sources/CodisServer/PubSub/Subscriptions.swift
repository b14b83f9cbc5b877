import Memory
import RESP
import SlotStorage

/// What one client has subscribed to.
final class Subscriptions {
    fileprivate(set) var channels: Set<[UInt8]> = []
    /// In the order in which they were subscribed to.
    fileprivate(set) var patterns: [[UInt8]] = []

    /// Channels and patterns together, as replies tell it.
    var count: Int { channels.count + patterns.count }
}

/// All subscriptions, by what they are for: who gets what is published.
struct PubSub {
    /// Clients by identifier, in the order in which they subscribed. No channel is without any.
    private var channels: [[UInt8]: [UInt64]] = [:]
    private(set) var patterns: [PatternSubscription] = []

    struct PatternSubscription {
        let pattern: [UInt8]
        let client: UInt64
    }

    /// Whether nobody listens at all.
    var isEmpty: Bool { channels.isEmpty && patterns.isEmpty }

    /// Channels with subscribers.
    var channelNames: some Collection<[UInt8]> { channels.keys }

    func subscribers(of channel: [UInt8]) -> [UInt64] { channels[channel] ?? [] }

    /// `false` when the client is subscribed already; so for the others.
    mutating func subscribe(_ client: UInt64, _ own: Subscriptions, to channel: [UInt8]) -> Bool {
        guard own.channels.insert(channel).inserted else { return false }
        channels[channel, default: []].append(client)
        return true
    }

    @discardableResult
    mutating func unsubscribe(_ client: UInt64, _ own: Subscriptions, from channel: [UInt8]) -> Bool {
        guard own.channels.remove(channel) != nil else { return false }
        channels[channel]?.removeAll { $0 == client }
        if channels[channel]?.isEmpty == true { channels[channel] = nil }
        return true
    }

    mutating func subscribe(_ client: UInt64, _ own: Subscriptions, toPattern pattern: [UInt8]) -> Bool {
        if own.patterns.contains(pattern) { return false }
        own.patterns.append(pattern)
        patterns.append(PatternSubscription(pattern: pattern, client: client))
        return true
    }

    @discardableResult
    mutating func unsubscribe(_ client: UInt64, _ own: Subscriptions, fromPattern pattern: [UInt8]) -> Bool {
        guard let index = own.patterns.firstIndex(of: pattern) else { return false }
        own.patterns.remove(at: index)
        patterns.removeAll { $0.client == client && $0.pattern == pattern }
        return true
    }

    /// Takes all subscriptions of a client away.
    mutating func unsubscribeAll(_ client: UInt64, _ own: Subscriptions) {
        for channel in own.channels { unsubscribe(client, own, from: channel) }
        guard !own.patterns.isEmpty else { return }
        own.patterns = []
        patterns.removeAll { $0.client == client }
    }
}

extension Server {
    /// Sends a message to everyone who listens to the channel, by its name first and then by patterns, and answers to
    /// how
    /// many it went; a client gets it once for every subscription of its own that fits.
    @discardableResult
    mutating func publish(_ message: RawSpan, on channel: RawSpan) -> Int {
        if pubSub.isEmpty { return 0 }
        var receivers = 0
        for identifier in pubSub.subscribers(of: channel.array) {
            guard let client = clients[identifier] else { continue }
            receivers += 1
            if client.state.flags.contains(.repliesAreOff) { continue }
            client.reply.push(3)
            client.reply.bulk("message")
            client.reply.bulk(channel)
            client.reply.bulk(message)
            queueWrite(client)
        }
        for subscription in pubSub.patterns {
            guard GlobPattern(subscription.pattern.bytes).matches(channel), let client = clients[subscription.client]
            else { continue }
            receivers += 1
            if client.state.flags.contains(.repliesAreOff) { continue }
            client.reply.push(4)
            client.reply.bulk("pmessage")
            client.reply.bulk(subscription.pattern)
            client.reply.bulk(channel)
            client.reply.bulk(message)
            queueWrite(client)
        }
        return receivers
    }
}
