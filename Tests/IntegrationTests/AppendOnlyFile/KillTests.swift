import Foundation
import Synchronization
import Testing
import TestSupport

extension IntegrationTests.AppendOnlyFileTests {
    /// `kill -9` at any moment: nothing that was acknowledged is lost.
    ///
    /// `KILL_ROUNDS` says how often; `make torture` takes ten times as many rounds as `make test`.
    @Suite struct KillTests {
        private static let rounds = Package.environment("KILL_ROUNDS").flatMap(Int.init) ?? 30
        private static let writers = 4

        /// What a writer knows when its server is gone.
        private struct Account: Sendable {
            /// The last number it sent.
            var sent: Int
            /// The numbers that were acknowledged, with the moments when they were.
            var acknowledged: [(number: Int, at: ContinuousClock.Instant)]
        }

        /// Counts up until the server is gone: each number goes into two keys by one transaction, or by one command, and
        /// often many at once.
        private static func write(_ writer: Int, from start: Int, to server: ServerProcess) -> Account {
            var account = Account(sent: start, acknowledged: [])
            var random = SeededGenerator(seed: UInt64(writer))
            do {
                let connection = try server.connect()
                while true {
                    let count = Int.random(in: 1...8, using: &random)
                    var bytes = Bytes()
                    for number in account.sent + 1...account.sent + count { bytes += commands(writer, number) }
                    account.sent += count
                    try connection.send(bytes)
                    for number in account.sent - count + 1...account.sent {
                        // The replies to MULTI and to the commands that wait come before the one that counts.
                        for _ in 0..<(number % 2 == 0 ? 3 : 0) { _ = try connection.receive() }
                        let reply = try connection.receive()
                        guard reply.errorText == nil else { throw KitFailure("\(reply)") }
                        account.acknowledged.append((number, .now))
                    }
                }
            } catch {
                return account
            }
        }

        private static func commands(_ writer: Int, _ number: Int) -> Bytes {
            let (one, other) = ("one:\(writer)", "other:\(writer)")
            if number % 2 == 1 { return command("MSET", one, number, other, number) }
            return command("MULTI") + command("SET", one, number) + command("SET", other, number) + command("EXEC")
        }

        /// Kills the server at a random moment, starts it again, and tells what each writer finds.
        private static func round(
            _ server: ServerProcess, from starts: [Int], _ random: inout SeededGenerator, atLeast least: Int
        ) throws -> (accounts: [Account], killedAt: ContinuousClock.Instant, found: [Int]) {
            let writing = (0..<writers).map { number in
                Running { write(number, from: starts[number], to: server) }
            }
            usleep(UInt32(Int.random(in: least..<least + 150_000, using: &random)))
            if random.once(in: 2) {
                _ = try? server.connect().call("BGREWRITEAOF")
                usleep(UInt32.random(in: 0..<20_000, using: &random))
            }
            let killedAt = ContinuousClock.now
            try server.restart(abruptly: true)
            let accounts = try writing.map { try $0.value() }
            let connection = try server.connect()
            let found = try (0..<writers).map { number in
                let pair = try ["one", "other"].map {
                    try connection.call("GET", "\($0):\(number)").bytes?.latin1 ?? "0"
                }
                #expect(pair[0] == pair[1], "half a transaction")
                return Int(pair[0]) ?? -1
            }
            return (accounts, killedAt, found)
        }

        @Test("with appendfsync always nothing is lost")
        func always() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
            var random = SeededGenerator(seed: RandomPlay.seed)
            var starts = Array(repeating: 0, count: Self.writers)
            var total = 0
            for _ in 0..<Self.rounds * 2 / 3 {
                let (accounts, _, found) = try Self.round(server, from: starts, &random, atLeast: 5_000)
                for (account, value) in zip(accounts, found) {
                    let last = account.acknowledged.last?.number ?? 0
                    #expect(value >= last && value <= account.sent, "\(last) was acknowledged, \(value) is there")
                    total += account.acknowledged.count
                }
                starts = found
            }
            #expect(total > 0)
            try server.stop()
        }

        @Test("with appendfsync everysec no more than a second is lost")
        func everysec() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["everysec"]])
            var random = SeededGenerator(seed: RandomPlay.seed)
            var starts = Array(repeating: 0, count: Self.writers)
            var total = 0
            for _ in 0..<Self.rounds / 3 {
                // What is to be found was acknowledged a second before the end.
                let (accounts, killedAt, found) = try Self.round(server, from: starts, &random, atLeast: 1_100_000)
                for (account, value) in zip(accounts, found) {
                    let safe = account.acknowledged.last { $0.at <= killedAt - .seconds(1) }?.number ?? 0
                    #expect(value >= safe && value <= account.sent, "\(safe) was acknowledged, \(value) is there")
                    total += safe
                }
                starts = found
            }
            #expect(total > 0)
            try server.stop()
        }
    }
}
