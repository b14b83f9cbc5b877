import Memory
import RESP
import SlotStorage

/// Keyspace notifications: what happens to keys, published for whoever listens.
extension Server {
    /// Tells that `event` has happened to a key. `notify-keyspace-events` says which classes are published; with none,
    /// as
    /// it is by default, this is one test.
    @inline(__always)
    mutating func notify(_ eventClass: KeyspaceEventClasses, _ event: StaticString, _ key: RawSpan, in database: Int) {
        if configuration.notifyKeyspaceEvents.contains(eventClass) { publish(event, of: key, in: database) }
    }

    /// Before a key is overwritten without a look at what it held: if that had expired, listeners are told, and if
    /// uses are counted, this is one.
    @inline(__always)
    mutating func notifyIfExpired(_ key: RawSpan, _ client: Client) {
        if countsUses || configuration.notifyKeyspaceEvents.contains(.expired) { _ = findForWriting(key, client) }
    }

    /// On `__keyspace@<db>__:<key>` the event, and on `__keyevent@<db>__:<event>` the key, in this order.
    private mutating func publish(_ event: StaticString, of key: RawSpan, in database: Int) {
        if pubSub.isEmpty { return }
        if configuration.notifyKeyspaceEvents.contains(.keyspaceChannel) {
            publish(event.bytes, on: Self.channel("__keyspace@", database, key).bytes)
        }
        if configuration.notifyKeyspaceEvents.contains(.keyeventChannel) {
            publish(key, on: Self.channel("__keyevent@", database, event.bytes).bytes)
        }
    }

    /// `prefix<database>__:name`
    private static func channel(_ prefix: StaticString, _ database: Int, _ name: RawSpan) -> ByteBuffer {
        var channel = ByteBuffer(copying: prefix.bytes)
        channel.append(Array(String(database).utf8).bytes)
        channel.append(StaticString("__:").bytes)
        channel.append(name)
        return channel
    }
}
