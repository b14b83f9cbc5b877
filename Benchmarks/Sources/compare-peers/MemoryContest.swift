import Foundation
import LiveServer

/// Bytes a key: what `used_memory` grows by when many keys of 16 bytes with values of 16 bytes are set.
struct MemoryContest {
    let contestants: [Contestant]
    let keys: Int

    private struct Kind: Sendable {
        let subject: String
        let goal: Double
        let command: @Sendable (Int) -> [String]
    }

    private static let kinds = [
        Kind(subject: "no expiry", goal: 64) { ["SET", KeyName.numbered($0), value($0)] },
        Kind(subject: "with expiry", goal: 80) { ["SET", KeyName.numbered($0), value($0), "EX", "100000"] },
        Kind(subject: "ten keys a tag", goal: 80) { ["SET", KeyName.tagged($0), value($0)] },
    ]

    func run() throws -> [Row] {
        try Self.kinds.map { kind in
            progress("memory, \(kind.subject)")
            let samples = try contestants.map { contestant in
                Samples(server: contestant.name, rounds: [try bytesPerKey(contestant, kind)])
            }
            return Row(
                .memory, kind.subject, ours: samples[0], peers: Array(samples.dropFirst()),
                goal: .atMost(bound: kind.goal))
        }
    }

    private func bytesPerKey(_ contestant: Contestant, _ kind: Kind) throws -> Double {
        let server = try ServerProcess(executable: contestant.executable)
        defer { server.stop() }
        let empty = try settledMemory(server)
        try server.connect().load(0..<keys, command: kind.command)  // the connection is gone when memory is read
        let full = try settledMemory(server)
        let count = try server.connect().call("DBSIZE").integer
        guard count == keys else { throw ServerFailure("\(contestant.name) holds \(count ?? -1) of \(keys) keys") }
        return Double(full - empty) / Double(keys)
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
