import Foundation
import Testing
import TestSupport

extension IntegrationTests.MigrationFaultTests {
    /// Targets that are down, say nothing, lie or refuse: an error with exact words, and the key stays.
    @Suite(.freshServers) struct BadTargetTests {
        /// A target that answers the first command with one text, the second with another, and then reads on.
        private static func answering(_ texts: String...) -> @Sendable (ScriptedTarget.Conversation) throws -> Void {
            { conversation in
                for text in texts {
                    try conversation.command()
                    try conversation.answer(text)
                }
                try conversation.listen()
            }
        }

        /// Migrates to a bad target in every form and checks the reply, and that nothing else has happened.
        private func expectFailure(
            _ expected: String, _ endpoint: Endpoint, timeout: Int = 10_000, _ comment: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let stage = try Stage()
            for form in MigrationForm.slots {
                try stage.source.call("SET", "{tag}", "value", "EX", 1000)
                try stage.source.call("SET", "other", "value")
                let words = form.words("{tag}", to: endpoint, timeout: timeout)
                let reply = try stage.source.call(words)
                let text = "\(form.rawValue) to \(comment)"
                #expect(reply == .error(expected), "\(text)", sourceLocation: sourceLocation)
                #expect(
                    try stage.source.call("GET", "{tag}") == .bulk("value"), "\(text)", sourceLocation: sourceLocation)
                let seconds = try stage.source.call("TTL", "{tag}").integerValue ?? 0
                #expect(seconds > 0 && seconds <= 1000, "\(text)", sourceLocation: sourceLocation)
                #expect(try stage.source.call("APPEND", "{tag}", "+") == .integer(6), "\(text)")
                #expect(try stage.source.call("DEL", "{tag}") == .integer(1), "\(text)", sourceLocation: sourceLocation)
            }
            try stage.expectUndisturbed(sourceLocation: sourceLocation)
        }

        private func expectFailure(
            _ expected: String, timeout: Int = 10_000, _ comment: String,
            sourceLocation: SourceLocation = #_sourceLocation,
            _ script: @escaping @Sendable (ScriptedTarget.Conversation) throws -> Void
        ) throws {
            let target = try ScriptedTarget(script)
            defer { target.stop() }
            try expectFailure(
                expected, target.endpoint, timeout: timeout, comment, sourceLocation: sourceLocation)
        }

        private static let reading = "IOERR error or timeout reading from target"
        private static let writing = "IOERR error or timeout writing to target"
        private static let connecting = "IOERR error or timeout connecting to the client"
        private static let select = "ERR error on slotsrestore, select failed"
        private static let migration = "ERR error on slotsrestore, migration failed"

        @Test("dead, or never to be reached")
        func dead() throws {
            let down = try FakeTarget(.init(kind: .down))
            try expectFailure(Self.writing, down.endpoint, "a closed port")
            let full = try FakeTarget(.init(kind: .full))
            try expectFailure(Self.connecting, full.endpoint, timeout: 200, "a port that never accepts")
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let reply = try stage.source.call("SLOTSMGRTONE", "nosuch.invalid", 6379, 10_000, "key")
            #expect(reply.errorText?.hasPrefix("ERR Can't connect to target node: ") == true, "\(reply)")
            #expect(try stage.source.call("DEL", "key") == .integer(1))
        }

        @Test("silent")
        func silent() throws {
            try expectFailure(Self.reading, timeout: 200, "one that says nothing") { try $0.listen() }
            try expectFailure(
                Self.reading, timeout: 200, "one that says nothing to SLOTSRESTORE", Self.answering("+OK\r\n"))
            try expectFailure(Self.reading, timeout: 200, "one that says half a line", Self.answering("+OK\r\n", "+O"))
            try expectFailure(Self.reading, timeout: 200, "one that ends no line", Self.answering("+OK"))
        }

        @Test("one that reads nothing of what is too much for the network")
        func stuckReader() throws {
            let stage = try Stage()
            var random = SeededGenerator(seed: 20)
            let noise = (0..<1_000_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            for number in 0..<30 { try stage.source.call("SET", "{group}\(number)", noise) }
            let end = DispatchSemaphore(value: 0)
            defer { end.signal() }
            let target = try ScriptedTarget { conversation in
                try conversation.command()
                try conversation.answer("+OK\r\n")
                end.wait()
            }
            let words = MigrationForm.tagOne.words("{group}", to: target.endpoint, timeout: 500)
            #expect(try stage.source.call(words) == .error(Self.writing))
            #expect(try stage.source.call("DBSIZE") == .integer(30))
            #expect(try stage.source.call("SET", "{group}0", "new") == .ok)
            target.stop()
            try stage.expectUndisturbed()
        }

        @Test("one that answers byte by byte is only slow")
        func trickling() throws {
            let stage = try Stage()
            for form in MigrationForm.slots {
                let target = try ScriptedTarget { conversation in
                    while true {
                        try conversation.command()
                        for byte in Bytes(text: "+OK\r\n") {
                            usleep(5_000)
                            try conversation.send([byte])
                        }
                    }
                }
                for _ in 0..<3 {
                    try stage.source.call("SET", "key", "value")
                    #expect(try stage.source.call(form.words("key", to: target.endpoint)) == form.success(1))
                }
                #expect(target.connections == 1)
                target.stop()
            }
        }

        @Test("closing")
        func closing() throws {
            try expectFailure(Self.reading, "one that closes at once") { _ in }
            try expectFailure(Self.reading, "one that closes after SELECT") { try $0.command() }
            try expectFailure(Self.reading, "one that closes in its answer") {
                try $0.command()
                try $0.answer("+OK\r")
            }
            try expectFailure(Self.reading, "one that closes before the last answer") {
                try $0.command()
                try $0.answer("+OK\r\n")
                try $0.command()
            }
            try expectFailure(Self.reading, "one that closes in the last answer") {
                try $0.command()
                try $0.answer("+OK\r\n")
                try $0.command()
                try $0.answer("+OK")
            }
        }

        @Test("lying")
        func lying() throws {
            for text in [
                ":1\r\n", "$2\r\nOK\r\n", "*0\r\n", "\r\n", "HTTP/1.1 400 Bad Request\r\n", "OK\r\n", "\0+OK\r\n",
            ] {
                let shown = Bytes(text: text).shown()
                try expectFailure(Self.select, "one that answers SELECT with \(shown)", Self.answering(text))
            }
            try expectFailure(
                Self.reading, "one that answers before it is asked", Self.answering("+OK\r\n+OK\r\n", "+OK\r\n"))
            try expectFailure(Self.reading, "one that greets") {
                try $0.answer("+OK\r\n+OK\r\n+OK\r\n")
                try $0.listen()
            }
        }

        /// Whatever does not begin with `-` accepts the keys: that is the rule between Codis servers.
        @Test(
            "answers that count as success",
            arguments: ["+OK\r\n", ":1\r\n", "+\r\n", "+OK\r\n:17\r\n", "$2\r\nOK\r\n"])
        func success(_ text: String) throws {
            let stage = try Stage()
            for form in MigrationForm.slots {
                let target = try ScriptedTarget(Self.answering("+OK\r\n", text))
                try stage.source.call("SET", "key", "value")
                let reply = try stage.source.call(form.words("key", to: target.endpoint))
                #expect(reply == form.success(1), "\(form.rawValue)")
                #expect(try stage.source.call("EXISTS", "key") == .integer(0))
                target.stop()
            }
            try stage.expectUndisturbed()
        }

        @Test("an endless line")
        func endlessLine() throws {
            let stage = try Stage()
            let before = try stage.servers.source.info("used_memory")
            let flood = Bytes(repeating: 43, count: 1 << 20)
            try expectFailure(Self.reading, "one whose line never ends") { conversation in
                try conversation.command()
                while true { try conversation.send(flood) }
            }
            try expectFailure(Self.reading, "one whose last line never ends") { conversation in
                try conversation.command()
                try conversation.answer("+OK\r\n")
                try conversation.command()
                while true { try conversation.send(flood) }
            }
            try waitUntil { try stage.servers.source.info("used_memory") < before + flood.count }
        }

        @Test("refusing")
        func refusing() throws {
            try expectFailure(Self.select, "one without the database", Self.answering("-ERR invalid DB index\r\n"))
            try expectFailure(
                Self.select, "one with a password", Self.answering("-NOAUTH Authentication required.\r\n"))
            for text in [
                "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
                "-READONLY You can't write against a read only slave.\r\n",
                "-LOADING Redis is loading the dataset in memory\r\n",
                "-ERR unknown command 'SLOTSRESTORE'\r\n", "-\r\n",
            ] {
                try expectFailure(
                    Self.migration, "one that refuses with \(text.dropLast(2))", Self.answering("+OK\r\n", text))
            }
        }

        @Test("a real target without memory")
        func fullTarget() throws {
            let stage = try Stage()
            try stage.target.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try stage.target.call("CONFIG", "SET", "maxmemory", 1)
            for form in MigrationForm.slots {
                try stage.source.call("MSET", "{tag}1", "value", "{tag}2", "value")
                let relay = try Relay(to: stage.servers.target.address)
                let reply = try stage.source.call(form.words("{tag}1", to: relay.endpoint))
                #expect(reply == .error(Self.migration), "\(form.rawValue)")
                #expect(try stage.source.call("DBSIZE") == .integer(2))
                #expect(try stage.target.call("DBSIZE") == .integer(0))
                relay.stop()
            }
            try stage.target.call("CONFIG", "SET", "maxmemory", 0)
            try stage.expectUndisturbed()
        }

        @Test("a target that is gone for a while, and back")
        func backAgain() throws {
            let stage = try Stage()
            let target = try ServerProcess.start()
            let words = MigrationForm.one.words("key", to: target.endpoint)
            for isAbrupt in [false, true, false] {
                try stage.source.call("SET", "key", "value")
                #expect(try stage.source.call(words) == .integer(1))
                try stage.source.call("SET", "key", "value")
                if isAbrupt { target.kill() } else { try target.stop() }
                let reply = try stage.source.call(words)
                #expect(MigrationForm.one.isBrokenConnection(reply), "\(reply)")
                #expect(try stage.source.call("GET", "key") == .bulk("value"))
                try target.restart(abruptly: true)
                #expect(try stage.source.call(words) == .integer(1))
                #expect(try target.connect().call("GET", "key") == .bulk("value"))
            }
            try target.stop()
        }

        @Test("nothing is left open after many failures")
        func leaks() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let before = try stage.servers.source.openDescriptors()
            let memory = try stage.servers.source.info("used_memory")
            for number in 0..<300 {
                let target = try ScriptedTarget { conversation in
                    try conversation.command()
                    if number % 3 == 0 { return }
                    try conversation.answer(number % 3 == 1 ? ":1\r\n" : "+OK\r\n")
                    try conversation.command()
                    try conversation.answer("-ERR no\r\n")
                }
                let reply = try stage.source.call(MigrationForm.one.words("key", to: target.endpoint))
                #expect(reply.errorText != nil)
                target.stop()
            }
            try waitUntil { try stage.servers.source.openDescriptors() <= before + 1 }
            #expect(try stage.servers.source.info("used_memory") < memory + 300 * 1024)
            #expect(try stage.source.call("GET", "key") == .bulk("value"))
            try stage.expectUndisturbed()
        }
    }
}
