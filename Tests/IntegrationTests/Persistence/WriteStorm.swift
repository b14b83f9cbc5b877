import Foundation
import Synchronization
import TestSupport

/// Clients that change keys of all types at random until they are stopped.
final class WriteStorm: Sendable {
    private let mustStop = Mutex(false)
    private let clients = Mutex<[Running<Int>]>([])

    /// Begins with so many clients, whose commands follow from the seed.
    init(on server: ServerProcess, clients count: Int, seed: UInt64) {
        let running = (0..<count).map { number in
            Running { [self] in
                try Self.write(to: server, seed: seed &+ UInt64(number)) { mustStop.withLock { $0 } }
            }
        }
        clients.withLock { $0 = running }
    }

    /// Ends them; answers how many commands they sent.
    func stop() throws -> Int {
        mustStop.withLock { $0 = true }
        return try clients.withLock { $0 }.reduce(0) { try $0 + $1.value() }
    }

    private static func write(
        to server: ServerProcess, seed: UInt64, until mustStop: () -> Bool
    ) throws -> Int {
        var random = SeededGenerator(seed: seed)
        let connection = try server.connect(timeout: .seconds(60))
        var sent = 0
        while !mustStop() {
            let batch = (0..<50).map { _ in StormCommand.random(&random) }
            try connection.send(batch.flatMap { encodeCommand($0.map(\.argumentBytes)) })
            // Commands on a key of another type are answered with an error, which is all right.
            for _ in batch { _ = try connection.receive() }
            sent += batch.count
        }
        return sent
    }

    /// Fills a server with keys of every type and size, long ones included.
    static func fill(_ server: ServerProcess, keys: Int, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let connection = try server.connect(timeout: .seconds(60))
        for _ in 0..<keys / 50 {
            let batch = (0..<50).map { _ in StormCommand.random(&random, isFilling: true) }
            try connection.send(batch.flatMap { encodeCommand($0.map(\.argumentBytes)) })
            for _ in batch { _ = try connection.receive() }
        }
        for number in 0..<10 {
            let members = (0..<8000).map { "member:\($0)" }
            try connection.call(["RPUSH", "long:l\(number)"].map(\.argumentBytes) + members.map(\.argumentBytes))
            try connection.call(["SADD", "long:s\(number)"].map(\.argumentBytes) + members.map(\.argumentBytes))
            try connection.call(
                ["ZADD", "long:z\(number)"].map(\.argumentBytes)
                    + members.enumerated().flatMap { ["\($0.offset)", $0.element] }.map(\.argumentBytes))
            try connection.call(
                ["HMSET", "long:h\(number)"].map(\.argumentBytes)
                    + members.flatMap { [$0, "value of \($0)"] }.map(\.argumentBytes))
            try connection.call("SET", "long:t\(number)", Bytes(repeating: UInt8(number), count: 300_000))
        }
    }
}

/// A command that changes something.
private enum StormCommand {
    static func random(_ random: inout SeededGenerator, isFilling: Bool = false) -> [any CommandArgument] {
        let number = Int.random(in: 0..<3000, using: &random)
        let member = "m\(Int.random(in: 0..<200, using: &random))"
        let isLong = random.once(in: 40)
        func key(_ type: String) -> String {
            isLong ? "long:\(type)\(number % 10)" : "\(type):{\(number % 700)}\(number)"
        }
        switch Int.random(in: 0..<(isFilling ? 12 : 24), using: &random) {
        case 0: return ["SET", key("t"), String(repeating: "x", count: number)]
        case 1: return ["SET", key("n"), number]
        case 2: return ["SETEX", key("t"), 100_000 + number, member]
        case 3, 4: return ["RPUSH", key("l"), member, "\(number)", member]
        case 5, 6: return ["HSET", key("h"), member, "\(number)"]
        case 7: return ["SADD", key("s"), "\(number)"]
        case 8, 9: return ["SADD", key("s"), member, "\(number)"]
        case 10, 11: return ["ZADD", key("z"), number, member]
        case 12: return ["APPEND", key("t"), member]
        case 13: return ["INCR", key("n")]
        case 14: return ["LPOP", key("l")]
        case 15: return ["HDEL", key("h"), member]
        case 16: return ["SREM", key("s"), member]
        case 17: return ["ZINCRBY", key("z"), "1.5", member]
        case 18: return ["DEL", key(["t", "l", "h", "s", "z"][number % 5])]
        case 19: return ["RENAME", key("t"), "t:{\(number % 700)}\(number + 1)"]
        case 20: return ["EXPIRE", key("h"), 200_000 + number]
        case 21: return ["SETRANGE", key("t"), number % 500, member]
        case 22: return number % 50 == 0 ? ["SLOTSDEL", number % 1024] : ["PERSIST", key("t")]
        default: return ["RPOPLPUSH", key("l"), "l:{1}target"]
        }
    }
}
