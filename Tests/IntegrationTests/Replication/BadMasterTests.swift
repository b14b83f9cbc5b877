import Foundation
import Synchronization
import Testing
import TestSupport

extension IntegrationTests.ReplicationTests {
    /// Masters that answer rubbish, stop half-way or send a damaged snapshot: the replica says why it could not follow,
    /// tries again, and keeps its data until it has all of the new.
    @Suite struct BadMasterTests {
        /// A snapshot as a master sends it, without the line before it.
        private static func snapshot(_ fill: (Node) throws -> Void) throws -> Bytes {
            let master = try Kind.own.start()
            try fill(master)
            let connection = try master.process.connect()
            try connection.send(command("SYNC"))
            var bytes = Bytes()
            while true {
                bytes += try connection.receiveSome()
                while bytes.first == 10 { bytes.removeFirst() }
                guard let end = bytes.firstIndex(of: 10), bytes.first == UInt8(ascii: "$") else { continue }
                let length = try #require(Int(Bytes(bytes[1..<(end - 1)]).latin1))
                if bytes.count > end + length { return Bytes(bytes[(end + 1)...(end + length)]) }
            }
        }

        /// Answers a replica's greeting up to its PSYNC.
        private static func greet(_ replica: ScriptedTarget.Conversation) throws {
            while true {
                let words = try replica.command().map(\.latin1)
                switch words.first?.uppercased() {
                case "PING": try replica.answer("+PONG\r\n")
                case "PSYNC", "SYNC": return
                default: try replica.answer("+OK\r\n")
                }
            }
        }

        private static let id = String(repeating: "a", count: 40)

        /// What happens on a connection to a bad master, from PSYNC on.
        private static let bad:
            [(name: String, logged: String, script: @Sendable (ScriptedTarget.Conversation) throws -> Void)] = [
                ("no full resync", "wrong +FULLRESYNC syntax", { try $0.answer("+FULLRESYNC nonsense\r\n") }),
                ("nothing to continue", "Master continues what nobody began", { try $0.answer("+CONTINUE\r\n") }),
                ("rubbish for PSYNC", "Unexpected reply to PSYNC", { try $0.answer("rubbish\r\n") }),
                ("no length", "Bad protocol from MASTER", { try $0.answer("+FULLRESYNC \(id) 1\r\nrubbish\r\n") }),
                ("a bad length", "Bad protocol from MASTER", { try $0.answer("+FULLRESYNC \(id) 1\r\n$x\r\n") }),
                (
                    "an error for a snapshot", "aborted replication",
                    { try $0.answer("+FULLRESYNC \(id) 1\r\n-ERR no\r\n") }
                ),
                ("no snapshot", "at byte", { try $0.answer("+FULLRESYNC \(id) 1\r\n$20\r\nthis is no snapshot.") }),
                ("an end at once", "closed", { _ in }),
                (
                    "a line without end", "without end",
                    {
                        try $0.send(Bytes(repeating: 97, count: 100_000)); try $0.listen()
                    }
                ),
            ]

        @Test("rubbish", arguments: bad.indices)
        func rubbish(_ index: Int) throws {
            let (_, logged, script) = Self.bad[index]
            let master = try ScriptedTarget { replica in
                try Self.greet(replica)
                try script(replica)
                usleep(100_000)
            }
            let replica = try Kind.own.start()
            try replica.call("SET", "old", "data")
            try replica.follow(host: master.endpoint.host, port: master.endpoint.port)
            try waitUntil(within: .seconds(30)) { master.connections >= 2 && replica.process.log.contains(logged) }
            #expect(try replica.call("PING") == .status("PONG"))
            #expect(try replica.call("GET", "old") == .bulk("data"))
            #expect(try replica.info()["master_link_status"] == "down")
            try replica.process.stop()
        }

        @Test("a snapshot that ends, is damaged or stops at any place leaves the old data until a good one comes")
        func damagedSnapshots() throws {
            let good = try Self.snapshot(PairingTests.fill)
            var random = SeededGenerator(seed: 7)
            let places = (0..<6).map { _ in Int.random(in: 0..<good.count, using: &random) }
            let attempt = Mutex(0)
            let master = try ScriptedTarget { replica in
                try Self.greet(replica)
                let number = attempt.withLock { count in
                    defer { count += 1 }
                    return count
                }
                try replica.answer("+FULLRESYNC \(Self.id) 1\r\n$\(good.count)\r\n")
                guard number < places.count else {
                    try replica.send(good)
                    return try replica.listen()
                }
                let place = places[number]
                if number % 2 == 0 {
                    try replica.send(Bytes(good[..<place]))
                } else {
                    var damaged = good
                    damaged[place] ^= 0x55
                    try replica.send(damaged)
                    try replica.listen()
                }
            }
            let replica = try Kind.own.start(["repl-timeout": ["2"]])
            try replica.call("SET", "old", "data")
            try replica.follow(host: master.endpoint.host, port: master.endpoint.port)
            try waitUntil(within: .seconds(60)) {
                try replica.call("MULTI")
                try replica.call("DBSIZE")
                try replica.call("EXISTS", "old")
                try replica.call("LLEN", "list")
                let state = try #require(try replica.call("EXEC").items)
                // The new data set comes at once and as a whole.
                if state[0] == .integer(1) {
                    #expect(state == [.integer(1), .integer(1), .integer(0)])
                    return false
                }
                #expect(state[1...] == [.integer(0), .integer(1000)])
                return true
            }
            #expect(attempt.withLock { $0 } > places.count)
        }

        @Test("a master that falls silent is given up after repl-timeout")
        func silence() throws {
            let master = try ScriptedTarget { replica in
                try Self.greet(replica)
                try replica.answer("+FULLRESYNC \(Self.id) 1\r\n$100\r\nREDIS0006")
                try replica.listen()
            }
            let replica = try Kind.own.start(["repl-timeout": ["1"]])
            try replica.follow(host: master.endpoint.host, port: master.endpoint.port)
            try waitUntil(within: .seconds(30)) {
                master.connections >= 2 && replica.process.log.contains("Timeout receiving bulk data from MASTER")
            }
        }

        @Test("rubbish in the stream ends the connection and changes nothing")
        func rubbishInStream() throws {
            let good = try Self.snapshot { try $0.call("SET", "a", "1") }
            let master = try ScriptedTarget { replica in
                try Self.greet(replica)
                try replica.answer("+FULLRESYNC \(Self.id) 1\r\n$\(good.count)\r\n")
                try replica.send(good)
                try replica.send(command("SET", "b", "2"))
                try replica.answer("*3\r\n$3\r\nSET\r\n$1\r\nc\r\n!rubbish\r\n")
                try replica.listen()
            }
            let replica = try Kind.own.start()
            try replica.follow(host: master.endpoint.host, port: master.endpoint.port)
            try waitUntil(within: .seconds(30)) { master.connections >= 2 }
            #expect(replica.process.log.contains("Protocol error in the stream of the master"))
            // The master begins anew each time.
            try waitUntil(within: .seconds(30)) {
                try replica.call("MGET", "a", "b", "c") == .array([.bulk("1"), .bulk("2"), .bulk(nil)])
            }
        }

        @Test("a command that nobody knows is told in the log, and the stream goes on")
        func unknownCommand() throws {
            let good = try Self.snapshot { try $0.call("SET", "a", "1") }
            let master = try ScriptedTarget { replica in
                try Self.greet(replica)
                try replica.answer("+FULLRESYNC \(Self.id) 1\r\n$\(good.count)\r\n")
                try replica.send(good)
                try replica.send(command("XADD", "stream", "*", "f", "v") + command("SET", "b", "2"))
                try replica.listen()
            }
            let replica = try Kind.own.start()
            try replica.follow(host: master.endpoint.host, port: master.endpoint.port)
            try waitUntil(within: .seconds(30)) { try replica.call("GET", "b") == .bulk("2") }
            #expect(replica.process.log.contains("MASTER sent the command 'XADD'"))
        }
    }
}
