import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Quirks of the old servers that showed later: in the append-only file, at replicas, or after the time of a key.
    @Suite struct RecordedQuirkTests {
        private func start() throws -> ServerProcess {
            try ServerProcess.start(["appendonly": ["yes"], "appendfsync": ["always"]])
        }

        @Test("Q5: what a command in a wrapper does is recorded as without it")
        func wrapperIsRecorded() throws {
            let server = try start()
            let connection = try server.connect()
            func wrap(_ words: String...) throws {
                let all = ["SLOTSMGRT-EXEC-WRAPPER", words[1]] + words
                let items = try connection.call(all.map(\.argumentBytes)).items
                #expect(items?.first == .integer(2) && items?.last?.errorText == nil, "\(words)")
            }
            let members = (0..<100).map { Bytes(text: "member:\($0)") }
            try connection.call([Bytes(text: "SADD"), Bytes(text: "set")] + members)
            try connection.call("MSET", "number", "1.5", "short", "v", "gone", "v")
            try connection.call("HSET", "hash", "field", "1.5")
            // What they do is drawn by lot, or depends on the time and on rounding.
            for count in 1...5 { try wrap("SPOP", "set", "\(count)") }
            try wrap("SPOP", "set")
            try wrap("INCRBYFLOAT", "number", "0.1")
            try wrap("HINCRBYFLOAT", "hash", "field", "0.1")
            try wrap("EXPIRE", "short", "1000")
            try wrap("EXPIRE", "gone", "-1")
            let digest = try server.digest()
            #expect(try connection.call("SCARD", "set") == .integer(84))
            #expect(try connection.call("EXISTS", "gone") == .integer(0))
            let file = try Data(contentsOf: server.directory.appendingPathComponent("appendonly.aof"))
            #expect(file.range(of: Data("EXEC-WRAPPER".utf8), options: []) == nil)
            try server.restart()
            #expect(try server.digest() == digest)
            try server.stop()
        }

        @Test("Q7: keys that have moved end no later after a restart")
        func expiryIsAbsolute() throws {
            let (source, target) = (try ServerProcess.start(), try start())
            let connection = try source.connect()
            let members = (0..<1000).map { Bytes(text: "member:\($0)") }
            var keys: [String] = []
            for form in ["one", "async"] {
                try connection.call("SET", "\(form):string", "v")
                try connection.call("RPUSH", "\(form):small", "v")
                try connection.call([Bytes(text: "RPUSH"), Bytes(text: "\(form):large")] + members)
                for kind in ["string", "small", "large"] {
                    let key = "\(form):\(kind)"
                    keys.append(key)
                    try connection.call("PEXPIRE", key, 100_000)
                    let words =
                        form == "one"
                        ? MigrationForm.one.words(key, to: target.endpoint)
                        : AsyncForm.one.words(key, to: target.endpoint, maxbulks: 10)
                    #expect(try connection.call(words) == .integer(1), "\(key)")
                }
            }
            // Time that a relative expiry would begin anew with.
            usleep(1_000_000)
            func left() throws -> [Int] {
                let connection = try target.connect()
                return try keys.map { try connection.call("PTTL", $0).integerValue ?? -1 }
            }
            let before = try left()
            try target.restart()
            for (key, (before, after)) in zip(keys, zip(before, try left())) {
                #expect(after > 0 && after <= before, "\(key)")
            }
            for server in [source, target] { try server.stop() }
        }

        @Test("Q10: SLOTSCHECK does not miss keys that have only expired")
        func checkWithExpiredKeys() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            try connection.call("DEBUG", "SET-ACTIVE-EXPIRE", 0)
            for number in 0..<100 { try connection.call("SET", "{t}\(number)", "v", "PX", 1) }
            usleep(5_000)
            #expect(try connection.call("DBSIZE") == .integer(100))
            #expect(try connection.call("SLOTSCHECK") == .ok)
            // Nor does it change anything.
            #expect(try connection.call("DBSIZE") == .integer(100))
            try server.stop()
        }
    }
}
