import LiveServer

/// Requests that leave the server as it was: GETs that find their key, SETs that overwrite it with a value of its size.
struct SteadyLoad {
    enum Command: String, CaseIterable {
        case get = "GET", set = "SET"
    }

    let keys: Int
    /// How many requests are sent in one write.
    let pipeline: Int

    /// Sets every key, so that it is there from the first request on.
    func fill(_ connection: Connection) throws {
        try connection.load(0..<keys) { arguments(.set, $0) }
    }

    /// Sends `count` requests over the keys in turn.
    func run(_ command: Command, count: Int, on connection: Connection) throws {
        var batch = CommandBuffer()
        for number in 0..<count {
            batch.append(arguments(command, number % keys))
            if batch.count == pipeline || number == count - 1 {
                try connection.pipeline(batch)
                batch.removeAll()
            }
        }
    }

    private func arguments(_ command: Command, _ number: Int) -> [String] {
        switch command {
        case .get: ["GET", KeyName.numbered(number)]
        case .set: ["SET", KeyName.numbered(number), "value:" + String(number + 1_000_000_000)]
        }
    }
}
