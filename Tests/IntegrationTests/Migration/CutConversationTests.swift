import Foundation
import Synchronization
import Testing
import TestSupport

extension IntegrationTests.MigrationFaultTests {
    /// The connection to the target ends at any byte of the conversation, in either direction.
    @Suite(.freshServers) struct CutConversationTests {
        /// The keys that a form moves at once, with their values.
        private static func keys(of form: MigrationForm) -> [(key: String, value: String)] {
            form.movesGroups ? [("{tag}1", "one"), ("{tag}2", "two")] : [("{tag}1", "one")]
        }

        private static let key = "{tag}1"

        private func prepare(_ stage: Stage, _ form: MigrationForm) throws {
            try stage.empty()
            for (key, value) in Self.keys(of: form) { try stage.source.call("SET", key, value) }
        }

        /// The commands and answers of a conversation that nothing disturbs, as they travel.
        private func conversation(_ stage: Stage, _ form: MigrationForm) throws -> [Relay.Direction: [Bytes]] {
            try prepare(stage, form)
            let heard = Mutex<[Bytes]>([])
            let answer = Bytes(text: "+OK\r\n")
            let target = try ScriptedTarget { conversation in
                while true {
                    let words = try conversation.command()
                    heard.withLock { $0.append(encodeCommand(words)) }
                    try conversation.send(answer)
                }
            }
            let reply = try stage.source.call(form.words(Self.key, to: target.endpoint))
            #expect(reply == form.success(Self.keys(of: form).count))
            target.stop()
            let commands = heard.withLock { $0 }
            #expect(commands.first == command("SELECT", 0) && commands.count > 1)
            return [.toServer: commands, .toClient: commands.map { _ in answer }]
        }

        /// Checks what a migration that was disturbed has left, and that it can be repeated.
        private func check(
            _ stage: Stage, _ form: MigrationForm, _ reply: Reply, again endpoint: Endpoint, _ comment: String
        ) throws {
            let keys = Self.keys(of: form)
            let here = try keys.map { try stage.source.call("GET", $0.key) }
            let there = try keys.map { try stage.target.call("GET", $0.key) }
            let whole = keys.map { Reply.bulk($0.value) }
            let none = keys.map { _ in Reply.bulk(nil) }
            let hasMoved = reply == form.success(keys.count)
            if hasMoved {
                try #require(here == none && there == whole, "\(comment)")
            } else {
                try #require(form.isBrokenConnection(reply), "\(reply), \(comment)")
                try #require(here == whole, "\(comment)")
                try #require(there == none || there == whole, "\(comment)")
            }
            // Writers go on, and the next try takes what they have written.
            let value = hasMoved ? "+" : keys[0].value + "+"
            let length = try stage.source.call("APPEND", Self.key, "+")
            try #require(length == .integer(value.utf8.count), "\(comment)")
            let retry = try stage.source.call(form.words(Self.key, to: endpoint))
            try #require(retry == form.success(hasMoved ? 1 : keys.count), "retry, \(comment)")
            try #require(try stage.target.call("GET", Self.key) == .bulk(value), "retry, \(comment)")
            try #require(try stage.source.call("DBSIZE") == .integer(0), "retry, \(comment)")
        }

        @Test("the first conversation of a connection", arguments: MigrationForm.allCases, Relay.Direction.allCases)
        func first(_ form: MigrationForm, _ direction: Relay.Direction) throws {
            let stage = try Stage()
            let length = try #require(try conversation(stage, form)[direction]).joined().count
            for bytes in 0...length {
                try prepare(stage, form)
                let fault = Relay.Fault(effect: .cut, direction: direction, bytes: bytes)
                let relay = try Relay(to: stage.servers.target.address, fault: fault)
                let reply = try stage.source.call(form.words(Self.key, to: relay.endpoint))
                let comment = "\(form.rawValue), \(fault) of \(length)"
                if bytes < length {
                    try #require(form.isBrokenConnection(reply), "\(reply), \(comment)")
                    if direction == .toServer { #expect(try stage.target.call("DBSIZE") == .integer(0), "\(comment)") }
                } else if direction == .toClient {
                    #expect(reply == form.success(Self.keys(of: form).count), "\(comment)")
                }
                try check(stage, form, reply, again: relay.endpoint, comment)
                relay.stop()
            }
            try stage.expectUndisturbed(form)
        }

        /// A connection that has worked before may have gone stale: as long as nothing was answered, it is the
        /// server that tries again.
        @Test("the second conversation of a connection", arguments: MigrationForm.allCases, Relay.Direction.allCases)
        func second(_ form: MigrationForm, _ direction: Relay.Direction) throws {
            let stage = try Stage()
            let conversation = try #require(try conversation(stage, form)[direction])
            let first = conversation.joined().count
            // SELECT and its answer are not repeated.
            let both = first + conversation.dropFirst().joined().count
            // A cut behind the last byte of the first conversation to the server would come before its answer.
            for bytes in (direction == .toServer ? first + 1 : first)...both {
                try prepare(stage, form)
                let fault = Relay.Fault(effect: .cut, direction: direction, bytes: bytes)
                let relay = try Relay(to: stage.servers.target.address, fault: fault)
                let comment = "\(form.rawValue), \(fault), the first \(first) of which are another conversation"
                let earlier = try stage.source.call(form.words(Self.key, to: relay.endpoint))
                #expect(earlier == form.success(Self.keys(of: form).count), "\(comment)")
                try prepare(stage, form)
                let reply = try stage.source.call(form.words(Self.key, to: relay.endpoint))
                if direction == .toServer || bytes == first {
                    #expect(reply == form.success(Self.keys(of: form).count), "\(comment)")
                }
                try check(stage, form, reply, again: relay.endpoint, comment)
                relay.stop()
            }
            try stage.expectUndisturbed(form)
        }

        @Test("a conversation with a password", arguments: Relay.Direction.allCases)
        func password(_ direction: Relay.Direction) throws {
            let source = try ServerProcess.start(["requirepass": ["secret"]])
            let target = try ServerProcess.start(["requirepass": ["secret"]])
            let connections = try [source, target].map { server in
                let connection = try server.connect()
                #expect(try connection.call("AUTH", "secret") == .ok)
                return connection
            }
            let conversation = [command("AUTH", "secret"), command("SELECT", 0)].joined().count
            let length = direction == .toServer ? conversation + 30 : 3 * Bytes(text: "+OK\r\n").count - 1
            for bytes in 0...length {
                try connections[0].call("SET", "key", "value")
                let fault = Relay.Fault(effect: .cut, direction: direction, bytes: bytes)
                let relay = try Relay(to: target.address, fault: fault)
                let words = MigrationForm.one.words("key", to: relay.endpoint)
                let reply = try connections[0].call(words)
                #expect(MigrationForm.one.isBrokenConnection(reply), "\(reply), \(fault)")
                #expect(try connections[0].call("GET", "key") == .bulk("value"), "\(fault)")
                #expect(try connections[0].call(words) == .integer(1), "\(fault)")
                #expect(try connections[0].call("EXISTS", "key") == .integer(0), "\(fault)")
                #expect(try connections[1].call("GET", "key") == .bulk("value"), "\(fault)")
                try connections[1].call("DEL", "key")
                relay.stop()
            }
            try source.stop()
            try target.stop()
        }

        @Test("a large group cut anywhere stays whole", arguments: Relay.Direction.allCases)
        func largeGroup(_ direction: Relay.Direction) throws {
            let stage = try Stage()
            let count = 3000
            // Noise, which does not get shorter on the way.
            var random = SeededGenerator(seed: 3000)
            let value = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let lengths = direction == .toServer ? [100_000, 1_000_000, 3_000_000] : [5, 6, 9]
            for bytes in lengths {
                try stage.empty()
                try stage.source.send((0..<count).flatMap { command("SET", "{group}\($0)", value) })
                for _ in 0..<count { #expect(try stage.source.receive() == .ok) }
                let fault = Relay.Fault(effect: .cut, direction: direction, bytes: bytes)
                let relay = try Relay(to: stage.servers.target.address, fault: fault)
                let words = MigrationForm.tagOne.words("{group}", to: relay.endpoint)
                let reply = try stage.source.call(words)
                #expect(MigrationForm.tagOne.isBrokenConnection(reply), "\(reply), \(fault)")
                #expect(try stage.source.call("DBSIZE") == .integer(count), "\(fault)")
                let there = try stage.target.call("DBSIZE")
                #expect(there == .integer(0) || there == .integer(count), "\(there), \(fault)")
                #expect(try stage.source.call("SET", "{group}0", "new") == .ok)
                #expect(try stage.source.call(words) == .integer(count), "\(fault)")
                #expect(try stage.target.call("GET", "{group}0") == .bulk("new"), "\(fault)")
                #expect(try stage.target.call("DBSIZE") == .integer(count), "\(fault)")
                relay.stop()
            }
        }
    }
}
