import Foundation

/// A difference between two servers.
struct Difference {
    /// The number of the unit after which it showed.
    var unit: Int
    var step: String
    var ours: String
    var theirs: String
}

/// Two servers that get the same commands, one after the other in lockstep.
final class TwinServers {
    private let addresses: [Address]
    private let peer: Peer
    private var connections: [Connection] = []
    private let isObserving: Bool
    /// One at each server, if any.
    private var observers: [Observer] = []
    /// Whether the last replies differed as they should, and with them what had happened.
    private var wasExcused = false

    /// - Parameters:
    ///   - ours: the server under test.
    ///   - theirs: the model.
    ///   - peer: what the model is.
    ///   - observing: whether events and watched keys are compared as well.
    init(ours: Address, theirs: Address, peer: Peer, observing: Bool = false) throws {
        addresses = [ours, theirs]
        self.peer = peer
        isObserving = observing
        try reconnect()
    }

    private func reconnect() throws {
        connections = try addresses.map { try Connection(to: $0) }
    }

    /// Runs the units on two empty servers; the first difference in a reply, or at the end in what is stored.
    func firstDifference(_ units: [DifferentialUnit]) throws -> Difference? {
        try reconnect()
        for connection in connections { try connection.call("FLUSHALL") }
        if isObserving {
            // Keys that expire by themselves do so when they like.
            for connection in connections { try connection.call("DEBUG", "SET-ACTIVE-EXPIRE", 0) }
            observers = try addresses.map { try Observer(at: $0) }
        }
        for (index, unit) in units.enumerated() {
            for step in unit {
                if var difference = try isObserving ? performObserved(step) : perform(step) {
                    difference.unit = index
                    return difference
                }
            }
        }
        guard var difference = try differenceInContents() else { return nil }
        difference.unit = units.count - 1
        return difference
    }

    // MARK: Steps

    private func performObserved(_ step: DifferentialStep) throws -> Difference? {
        for observer in observers { try observer.prepare(for: step.words) }
        wasExcused = false
        if let difference = try perform(step) { return difference }
        var seen = try observers.map { try $0.observations(of: step.words) }
        if KnownDeviation.touchesKeys(step.words) { seen[0].removeAll { $0.hasPrefix("touched") } }
        if wasExcused || seen[0] == seen[1] { return nil }
        return difference(step, seen[0].joined(separator: ", "), seen[1].joined(separator: ", "))
    }

    private func perform(_ step: DifferentialStep) throws -> Difference? {
        switch step {
        case .command(let words): return try exchange(step, encodeCommand(words))
        case .inline(_, let line): return try exchange(step, line)
        case .scan(let prefix, let options):
            let results = try connections.map { try Self.scan(prefix, options, on: $0) }
            return results[0] == results[1] ? nil : difference(step, results[0].description, results[1].description)
        case .pause(let time):
            usleep(UInt32(time) * 1000)
            return nil
        }
    }

    private func exchange(_ step: DifferentialStep, _ bytes: Bytes) throws -> Difference? {
        for words in KnownDeviation.prelude(for: step.words, peer) {
            for connection in connections { try connection.call(words) }
        }
        for connection in connections { try connection.send(bytes) }
        let answers = connections.map { connection in Result { try connection.receiveWithBytes() } }
        switch (answers[0], answers[1]) {
        case (.success(let ours), .success(let theirs)):
            let isSame = ours.raw == theirs.raw || ReplyComparison(for: step.words).agrees(ours.reply, theirs.reply)
            if !isSame, KnownDeviation.excuses(step.words, ours: ours.reply, theirs: theirs.reply, peer),
                step.words.count > 1
            {
                // The one changed something and the other did not: both go on without it.
                wasExcused = true
                let remedy = KnownDeviation.remedy(for: step.words)
                for connection in connections { try connection.call(remedy) }
                return nil
            }
            return isSame ? nil : difference(step, "\(ours.reply)", "\(theirs.reply)")
        case (.failure(let ours), .failure(let theirs)):
            // Both closed: the client begins anew.
            try reconnect()
            return "\(ours)" == "\(theirs)" ? nil : difference(step, "\(ours)", "\(theirs)")
        case (.success(let ours), .failure(let theirs)): return difference(step, "\(ours.reply)", "\(theirs)")
        case (.failure(let ours), .success(let theirs)): return difference(step, "\(ours)", "\(theirs.reply)")
        }
    }

    private func difference(_ step: DifferentialStep, _ ours: String, _ theirs: String) -> Difference {
        Difference(unit: 0, step: step.description, ours: ours, theirs: theirs)
    }

    /// All items of a full scan, each once and sorted, or the error. Of a hash or a sorted set an item is a pair.
    private static func scan(_ prefix: [Bytes], _ options: [Bytes], on connection: Connection) throws -> Reply {
        let step = ["hscan", "zscan"].contains(prefix[0].latin1.lowercased()) ? 2 : 1
        var cursor = Bytes(text: "0")
        var seen: Set<[Bytes]> = []
        for _ in 0..<100_000 {
            let reply = try connection.call(prefix + [cursor] + options)
            guard let parts = reply.items, parts.count == 2, let next = parts[0].bytes, let items = parts[1].items
            else {
                return reply
            }
            let texts = items.compactMap(\.bytes)
            for index in stride(from: 0, to: texts.count, by: step) {
                seen.insert(Array(texts[index..<min(index + step, texts.count)]))
            }
            cursor = next
            if cursor == Bytes(text: "0") {
                let sorted = seen.sorted { $0.joined().lexicographicallyPrecedes($1.joined()) }
                return .array(sorted.map { .array($0.map { .bulk($0) }) })
            }
        }
        throw KitFailure("the cursor never came back to 0")
    }

    // MARK: What is stored

    /// Compares all keys of all databases: type, time to live, encoding and value.
    private func differenceInContents() throws -> Difference? {
        for database in 0..<16 {
            for connection in connections { try connection.call("SELECT", database) }
            let keys = try connections.map { connection in
                try (connection.call("KEYS", "*").items ?? []).compactMap(\.bytes).sorted { $0.precedes($1) }
            }
            guard keys[0] == keys[1] else {
                let shown = keys.map { Reply.array($0.map { .bulk($0) }).description }
                return Difference(unit: 0, step: "KEYS * in database \(database)", ours: shown[0], theirs: shown[1])
            }
            for key in keys[0] {
                if let difference = try difference(in: key, database) { return difference }
            }
        }
        return nil
    }

    private func difference(in key: Bytes, _ database: Int) throws -> Difference? {
        let type = try connections[1].call("TYPE", key).bytes?.latin1
        let read: [any CommandArgument] =
            switch type {
            case "list": ["LRANGE", key, 0, -1]
            case "hash": ["HGETALL", key]
            case "set": ["SMEMBERS", key]
            case "zset": ["ZRANGE", key, 0, -1, "WITHSCORES"]
            default: ["GET", key]
            }
        var questions: [[any CommandArgument]] = [["TYPE", key], ["PTTL", key], read]
        if KnownDeviation.sharesEncodings(ofType: type, peer) { questions.append(["OBJECT", "ENCODING", key]) }
        for words in questions {
            let command = words.map(\.argumentBytes)
            let replies = try connections.map { try $0.call(command) }
            if !ReplyComparison(for: command).agrees(replies[0], replies[1]) {
                let step = DifferentialStep.command(command).description + " in database \(database)"
                return Difference(unit: 0, step: step, ours: "\(replies[0])", theirs: "\(replies[1])")
            }
        }
        return nil
    }
}
