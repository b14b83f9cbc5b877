import Foundation
import LiveServer

/// What `used_memory` grows by for each key, or each member of one large value, of so many.
struct MemoryContest {
    let contestants: [Contestant]
    let keys: Int

    private struct Kind: Sendable {
        let subject: String
        let goal: Goal
        /// How many there are for each of the ``MemoryContest/keys``.
        var share = 1.0
        /// Whether all of them are in one key.
        var isOneKey = false
        let command: @Sendable (Int) -> [String]
    }

    private static let kinds = [
        Kind(subject: "no expiry", goal: .atMost(bound: 64)) { ["SET", KeyName.numbered($0), value($0)] },
        Kind(subject: "with expiry", goal: .atMost(bound: 80)) {
            ["SET", KeyName.numbered($0), value($0), "EX", "100000"]
        },
        Kind(subject: "ten keys a tag", goal: .atMost(bound: 80)) { ["SET", KeyName.tagged($0), value($0)] },
        Kind(subject: "hash of ten fields of 12 bytes", goal: .ratioAtMost(bound: 0.95), share: 0.1) { number in
            ["HMSET", KeyName.numbered(number)]
                + (0..<10).flatMap { ["field:\(100_000 + $0)", "value:\(100_000 + $0)"] }
        },
        Kind(subject: "member of a sorted set, 16 bytes", goal: .atMost(bound: 70), isOneKey: true) { number in
            // Scores in no order.
            ["ZADD", "sorted", String(number * 7919 % 1_000_003), KeyName.numbered(number)]
        },
        Kind(subject: "member of a set, 16 bytes", goal: .ratioAtMost(bound: 0.95), isOneKey: true) {
            ["SADD", "set", KeyName.numbered($0)]
        },
        Kind(subject: "field of a hash, 16 and 16 bytes", goal: .ratioAtMost(bound: 0.95), isOneKey: true) {
            ["HSET", "hash", KeyName.numbered($0), value($0)]
        },
        Kind(subject: "element of a list, 16 bytes", goal: .ratioAtMost(bound: 0.95), isOneKey: true) {
            ["RPUSH", "list", KeyName.numbered($0)]
        },
    ]

    func run() throws -> [Row] {
        try Self.kinds.map { kind in
            progress("memory, \(kind.subject)")
            let samples = try contestants.map { contestant in
                Samples(server: contestant.name, rounds: [try bytesOfOne(contestant, kind)])
            }
            return Row(
                .memory, kind.subject, ours: samples[0], peers: Array(samples.dropFirst()), goal: kind.goal)
        }
    }

    private func bytesOfOne(_ contestant: Contestant, _ kind: Kind) throws -> Double {
        let server = try ServerProcess(executable: contestant.executable)
        defer { server.stop() }
        let empty = try settledMemory(server)
        let number = Int(Double(keys) * kind.share)
        try server.connect().load(0..<number, command: kind.command)  // the connection is gone when memory is read
        let full = try settledMemory(server)
        let count = try server.connect().call("DBSIZE").integer
        guard count == (kind.isOneKey ? 1 : number) else {
            throw ServerFailure("\(contestant.name) holds \(count ?? -1) keys")
        }
        return Double(full - empty) / Double(number)
    }

    /// `used_memory` once two readings a quarter of a second apart agree, at the latest after ten seconds.
    ///
    /// Buffers of closed connections are given back and tables finish growing only some time after the last command.
    private func settledMemory(_ server: ServerProcess) throws -> Int {
        let connection = try server.connect()
        var last = -1
        for _ in 0..<40 {
            usleep(250_000)
            guard let used = try connection.info()["used_memory"].flatMap({ Int($0) }) else {
                throw ServerFailure("INFO shows no used_memory")
            }
            if abs(used - last) < 4096 { return used }
            last = used
        }
        return last
    }
}

/// A value of 16 bytes that differs from key to key and is no number.
private func value(_ number: Int) -> String { "value:" + String(number + 1_000_000_000) }
