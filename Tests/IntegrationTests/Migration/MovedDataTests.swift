import Foundation
import Testing
import TestSupport

extension IntegrationTests.MigrationFaultTests {
    /// What arrives at the target: values, expiry, databases.
    @Suite(.freshServers) struct MovedDataTests {
        @Test("the expiry travels", arguments: MigrationForm.allCases)
        func expiry(_ form: MigrationForm) throws {
            let stage = try Stage()
            for milliseconds in [20_000, 1_000_000, 4_000_000_000] {
                try stage.source.call("SET", "key", "value", "PX", milliseconds)
                let start = ContinuousClock.now
                let before = try #require(try stage.source.call("PTTL", "key").integerValue)
                #expect(try stage.source.call(form.words("key", to: stage.servers.target.endpoint)) == form.success(1))
                let after = try #require(try stage.target.call("PTTL", "key").integerValue)
                let elapsed = Int(start.duration(to: .now).milliseconds.rounded(.up))
                // Two servers' clocks, each read in whole milliseconds.
                #expect(after <= before + 5 && after >= before - elapsed - 5, "\(before) \(after) \(elapsed)")
            }
            try stage.source.call("SET", "key", "value")
            #expect(try stage.source.call(form.words("key", to: stage.servers.target.endpoint)) == form.success(1))
            #expect(try stage.target.call("PTTL", "key") == .integer(-1), "an older expiry has gone")
        }

        @Test("expired keys count as missing", arguments: MigrationForm.allCases)
        func expired(_ form: MigrationForm) throws {
            let stage = try Stage()
            for _ in 0..<20 {
                try stage.source.call("SET", "key", "value", "PX", 1)
                usleep(3_000)
                let reply = try stage.source.call(form.words("key", to: stage.servers.target.endpoint))
                #expect(reply == form.success(0))
                #expect(try stage.source.call("EXISTS", "key") == .integer(0))
                #expect(try stage.target.call("EXISTS", "key") == .integer(0))
            }
        }

        @Test("expired keys in a slot and in a group do not stop the others")
        func expiredAmongOthers() throws {
            let stage = try Stage()
            let slot = slotNumber(of: "tag0")
            let tags = (0...).lazy.map { "tag\($0)" }.filter { slotNumber(of: $0) == slot }.prefix(10)
            for form in [MigrationForm.slot, .tagSlot] {
                var live: Set<String> = []
                for (number, tag) in tags.enumerated() {
                    for (index, key) in [tag, "{\(tag)}1", "{\(tag)}2", "x{\(tag)}"].enumerated() {
                        if (number + index) % 2 == 0 {
                            try stage.source.call("SET", key, "dead", "PX", 1)
                        } else {
                            try stage.source.call("SET", key, "live")
                            live.insert(key)
                        }
                    }
                }
                usleep(3_000)
                var moved = 0
                while true {
                    let reply = try stage.source.call(form.words("tag0", to: stage.servers.target.endpoint))
                    let parts = (reply.items ?? []).compactMap(\.integerValue)
                    try #require(parts.count == 2, "\(reply)")
                    moved += parts[0]
                    if parts[1] == 0 { break }
                }
                #expect(moved == live.count)
                let there = try stage.target.call("KEYS", "*").items ?? []
                #expect(Set(there.compactMap { $0.bytes?.latin1 }) == live)
                #expect(try stage.source.call("DBSIZE") == .integer(0))
                try stage.empty()
            }
        }

        @Test("keys go to the database they are in", arguments: MigrationForm.slots)
        func databases(_ form: MigrationForm) throws {
            let stage = try Stage()
            // Back and forth, over one connection between the servers.
            for database in [0, 3, 0, 3, 15, 0] {
                for connection in [stage.source, stage.target] { try connection.call("SELECT", database) }
                try stage.source.call("SET", "key", "in \(database)")
                #expect(try stage.source.call(form.words("key", to: stage.servers.target.endpoint)) == form.success(1))
                #expect(try stage.target.call("GET", "key") == .bulk("in \(database)"))
                #expect(try stage.source.call("DBSIZE") == .integer(0))
            }
            for database in [0, 3, 15] {
                try stage.target.call("SELECT", database)
                #expect(try stage.target.call("GET", "key") == .bulk("in \(database)"))
                #expect(try stage.target.call("DBSIZE") == .integer(1))
            }
        }

        @Test("callers in different databases at once")
        func databasesAtOnce() throws {
            let stage = try Stage()
            let servers = stage.servers
            let count = 300
            _ = try concurrently(6) { number in
                let database = number % 3 * 3
                let caller = try servers.source.connect(timeout: .seconds(60))
                try caller.call("SELECT", database)
                for index in 0..<count {
                    let key = "key:\(number):\(index)"
                    try caller.call("SET", key, "\(database)")
                    let reply = try caller.call(MigrationForm.one.words(key, to: servers.target.endpoint))
                    guard reply == .integer(1) else { throw KitFailure("\(key) in \(database): \(reply)") }
                }
            }
            for database in [0, 3, 6] {
                try stage.target.call("SELECT", database)
                #expect(try stage.target.call("DBSIZE") == .integer(2 * count))
                for number in 0..<6 where number % 3 * 3 == database {
                    for index in stride(from: 0, to: count, by: 29) {
                        #expect(try stage.target.call("GET", "key:\(number):\(index)") == .bulk("\(database)"))
                    }
                }
            }
        }

        @Test("keys and values of any bytes and sizes arrive unchanged", arguments: MigrationForm.allCases)
        func values(_ form: MigrationForm) throws {
            let stage = try Stage()
            var random = SeededGenerator(seed: 1)
            let noise = (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let values: [Bytes] = [
                [], [0], Bytes(0...255), Bytes(text: "0"), Bytes(text: "-1"), Bytes(text: "127"), Bytes(text: "128"),
                Bytes(text: "-32769"), Bytes(text: "2147483648"), Bytes(text: "9223372036854775807"),
                Bytes(text: "007"),
                Bytes(text: "\r\n"), Bytes(repeating: 65, count: 63), Bytes(repeating: 65, count: 64),
                Bytes(repeating: 65, count: 16_383), Bytes(repeating: 65, count: 16_384), noise,
                Bytes(repeating: 0, count: 3_000_000),
            ]
            for (number, value) in values.enumerated() {
                try stage.source.call("SET", "key", value)
                #expect(try stage.source.call(form.words("key", to: stage.servers.target.endpoint)) == form.success(1))
                #expect(try stage.target.call("GET", "key") == .bulk(value), "value \(number)")
                #expect(try stage.source.call("DBSIZE") == .integer(0))
            }
        }
    }
}
