/// Others who look at a server while commands run there: one hears of every event, some watch a key each.
final class Observer {
    private let listener: Connection
    /// The first watches the command's first argument, and so on.
    private let watchers: [Connection]
    private let publisher: Connection

    /// - Parameter server: publishes all events of keys, on both kinds of channels.
    init(at server: Address) throws {
        listener = try Connection(to: server)
        try listener.call("PSUBSCRIBE", "__key*__:*")
        try listener.call("SUBSCRIBE", "end of step")
        watchers = try (0..<3).map { _ in try Connection(to: server) }
        publisher = try Connection(to: server)
    }

    /// Lets everyone watch the keys that a command may be about to change.
    func prepare(for words: [Bytes]) throws {
        for (watcher, key) in zip(watchers, words.dropFirst()) { try watcher.call("WATCH", key) }
    }

    /// What has happened since ``prepare(for:)``: the events in their order, and which of the keys were touched.
    func observations(of words: [Bytes]) throws -> [String] {
        try publisher.call("PUBLISH", "end of step", "")
        var seen: [String] = []
        while true {
            let message = try listener.receive().items?.compactMap(\.bytes) ?? []
            guard message.count == 4 else { break }
            seen.append("\(message[2].latin1) \(message[3].shown(limit: 40))")
        }
        for (watcher, key) in zip(watchers, words.dropFirst()) {
            try watcher.call("MULTI")
            if try watcher.call("EXEC") == .array(nil) { seen.append("touched \(key.shown(limit: 40))") }
        }
        // They follow to the database that is selected now.
        if words.count == 2, words[0].latin1.lowercased() == "select" {
            for watcher in watchers { try watcher.call(words) }
        }
        return seen
    }
}
