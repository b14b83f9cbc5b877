import Foundation
import Testing

extension IntegrationTests.CommandTests {
    /// SUBSCRIBE and its relatives, PUBLISH and PUBSUB, as Redis 2.8 does them.
    @Suite struct PubSubTests {
        @Test("subscribing, publishing, leaving")
        func conversation() throws {
            try Dialogue(
                """
                a SUBSCRIBE one two one
                b SUBSCRIBE one
                a PSUBSCRIBE o* *e o*
                p PUBLISH one hello
                p PUBLISH two hello
                p PUBLISH three hello
                p PUBLISH four hello
                p PUBSUB NUMSUB one two three
                p PUBSUB NUMPAT
                p PUBSUB CHANNELS o*
                p PUBSUB CHANNELS tw?
                p PUBSUB CHANNELS x*
                p PUBSUB NUMSUB
                p PUBSUB
                p PUBSUB nosuch
                p PUBSUB NUMPAT x
                p PUBSUB CHANNELS a b
                p PUBLISH one
                a UNSUBSCRIBE nosuch
                a UNSUBSCRIBE one
                p PUBLISH one again
                a PUNSUBSCRIBE *e
                a PUNSUBSCRIBE nosuch
                p PUBLISH one more
                a UNSUBSCRIBE
                a UNSUBSCRIBE
                a GET k
                a PUNSUBSCRIBE
                a PUNSUBSCRIBE
                a GET k
                p PUBLISH one last
                b UNSUBSCRIBE
                p PUBSUB CHANNELS
                p PUBSUB NUMPAT
                p PUBLISH one nobody
                """
            ).expectSame()
        }

        @Test("what a subscriber may send")
        func restricted() throws {
            try Dialogue(
                """
                a SUBSCRIBE c
                a GET k
                a SET k
                a NOSUCH
                a PUBLISH c x
                a MULTI
                a EXEC
                a PING
                a PING hello
                a PING a b
                a SELECT 1
                a PSUBSCRIBE p
                a UNSUBSCRIBE c
                a GET k
                a PUNSUBSCRIBE p
                a PING
                a PING hello
                a GET k
                a PSUBSCRIBE p
                a QUIT
                b PUBLISH p x
                """
            ).expectSame()
        }

        @Test("subscribing within a transaction")
        func withinTransaction() throws {
            try Dialogue(
                """
                a MULTI
                a SUBSCRIBE c d
                a SET k 1
                a PUBLISH c hello
                a GET k
                a UNSUBSCRIBE d
                a EXEC
                a GET k
                a UNSUBSCRIBE
                a GET k
                """
            ).expectSame()
        }

        @Test("a subscriber that has gone gets nothing, and is counted no more", arguments: [false, true])
        func gone(_ abruptly: Bool) throws {
            try withServer { server in
                var subscriber: Connection? = try server.connect()
                let publisher = try server.connect()
                try subscriber?.call("SUBSCRIBE", "c")
                try subscriber?.call("PSUBSCRIBE", "*")
                #expect(try publisher.call("PUBLISH", "c", "x") == .integer(2))
                #expect(try server.info("pubsub_channels") == 1)
                #expect(try server.info("pubsub_patterns") == 1)
                subscriber?.close(abruptly: abruptly)
                subscriber = nil
                try waitUntil { try publisher.call("PUBLISH", "c", "x") == .integer(0) }
                #expect(try publisher.call("PUBSUB", "NUMPAT") == .integer(0))
                #expect(try publisher.call("PUBSUB", "CHANNELS") == .array([]))
                #expect(try server.info("pubsub_channels") == 0)
            }
        }

        @Test("many subscribers get every message, in order")
        func many() throws {
            try withServer { server in
                let subscribers = try (0..<50).map { _ in try server.connect() }
                for subscriber in subscribers { try subscriber.call("SUBSCRIBE", "c") }
                let publisher = try server.connect()
                for index in 0..<200 { #expect(try publisher.call("PUBLISH", "c", index) == .integer(50)) }
                for subscriber in subscribers {
                    for index in 0..<200 {
                        let message: Reply = .array([.bulk("message"), .bulk("c"), .bulk("\(index)")])
                        try #require(try subscriber.receive() == message)
                    }
                }
            }
        }

        @Test("CLIENT KILL TYPE pubsub ends subscribers alone")
        func kill() throws {
            try withServer { server in
                let (subscriber, other) = try (server.connect(), server.connect())
                try subscriber.call("SUBSCRIBE", "c")
                #expect(try other.call("CLIENT", "KILL", "TYPE", "pubsub") == .integer(1))
                #expect(try subscriber.isClosed())
                #expect(try other.call("CLIENT", "KILL", "TYPE", "pubsub") == .integer(0))
                #expect(try other.call("PUBLISH", "c", "x") == .integer(0))
            }
        }
    }
}
