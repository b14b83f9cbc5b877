import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// Requests arrive in pieces of any size, one behind the other, in two forms.
    @Suite(.freshServers) struct RequestTests {
        /// Commands in every form that a request can have, with nothing wrong in them but what the command says.
        static let pipeline: Bytes = {
            let inline = [
                "FLUSHALL\r\n", "PING\r\n", "\r\n", "set  inline \t value \r\n", "GET inline\r\n",
                #"SET "quoted \x6bey" "a\r\n\t\"b\\\x00\xfF""# + "\r\n", #"GET 'quoted key'"# + "\r\n",
                #"SET 'it\'s' 'a\n"b"'"# + "\r\n", "get \"it's\"\r\n", "nosuch thing\r\n", "GET\r\n",
            ].joined()
            let multibulk: [Bytes] = [
                command("SET", "key", "value\r\n"), command("GET", "key"), command("get", "missing"),
                Bytes(text: "*0\r\n*-1\r\n"), command("SET", "", Bytes(0...255)), command("MGET", "", "key", "none"),
                command("INCRBY", "number", -42), command("incr", "key"), command("nosuch"), command("STRLEN", ""),
                Bytes(text: "*1\r\n$4\r\nPINGxx"), Bytes(text: "PING\r\n"),
                command("ECHO", Bytes(text: "*1\r\n$4\r\n")),
            ]
            return Bytes(text: inline) + multibulk.joined()
        }()

        /// What a real Redis answers to the pipeline.
        private func expected() throws -> Bytes {
            let model = try ServerProcess.start(.redis2_8)
            let connection = try model.connect()
            try connection.send(Self.pipeline)
            try model.settle(after: Self.pipeline.count)
            let (bytes, closed) = try connection.receiveAll(quiet: .milliseconds(50))
            try #require(!closed && bytes.count > 200)
            try model.stop()
            return bytes
        }

        @Test("a pipeline cut in two at every byte is answered as if it came whole")
        func splits() throws {
            let server = try Servers.shared().source
            let expected = try expected()
            for position in 0...Self.pipeline.count {
                let connection = try server.connect()
                try connection.send(Self.pipeline.prefix(position))
                try server.settle()
                try connection.send(Self.pipeline.dropFirst(position))
                let reply = try connection.receive(count: expected.count)
                guard reply == expected else {
                    Issue.record(
                        "cut at \(position): \(reply.shown(limit: 2000))\ninstead of \(expected.shown(limit: 2000))")
                    return
                }
            }
        }

        @Test("a pipeline that comes byte by byte")
        func bytewise() throws {
            let server = try Servers.shared().source
            let expected = try expected()
            let connection = try server.connect()
            let other = try server.connect()
            for byte in Self.pipeline {
                try connection.send([byte])
                #expect(try other.call("PING") == .status("PONG"))
            }
            #expect(try connection.receive(count: expected.count) == expected)
        }

        @Test("lines may end in a newline alone")
        func newlines() throws {
            let connection = try Servers.shared().source.connect()
            // Redis 2.8 loses the byte behind such a line, so there is nothing to compare with.
            try connection.send(Bytes(text: "PING\n\nECHO 1\n\r\nECHO 2\r\n\nECHO 3\n"))
            let expected = Bytes(text: "+PONG\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n")
            #expect(try connection.receive(count: expected.count) == expected)
        }

        @Test("thousands of commands in one piece are answered in order")
        func deepPipeline() throws {
            let connection = try Servers.shared().source.connect()
            let count = 20_000
            try connection.send((0..<count).flatMap { command("ECHO", $0) })
            for index in 0..<count { #expect(try connection.receive() == .bulk(String(index))) }
        }

        @Test("a client that sends long before it reads gets everything")
        func unreadReplies() throws {
            let server = try Servers.shared().source
            let connection = try server.connect()
            let value = Bytes(repeating: 120, count: 1_000_000)
            #expect(try connection.call("SET", "large", value) == .ok)
            try connection.send((0..<40).flatMap { _ in command("GET", "large") })
            try server.settle()
            for _ in 0..<40 { #expect(try connection.receive() == .bulk(value)) }
            #expect(try connection.call("PING") == .status("PONG"))
        }

        /// The end of a connection may come together with its last bytes, or so soon that the server sees both at once.
        @Test("clients that leave with replies unread, or in the middle of a request, are noticed")
        func leaving() throws {
            let server = try Servers.shared().source
            try server.connect().call("SET", "large", Bytes(repeating: 120, count: 5_000_000))
            let unfinished = [3, 100, 16_384, 20_000, 50_000, 200_000, 1_000_000].map { length in
                Bytes(text: "*2\r\n$3\r\nGET\r\n$2000000\r\n") + Bytes(repeating: 97, count: length)
            }
            let requests =
                [command("GET", "large"), Bytes(text: "GET lar"), Bytes(text: "PING\r\nGET"), []] + unfinished
            for _ in 0..<5 {
                for abruptly in [false, true] {
                    for request in requests {
                        let connection = try server.connect()
                        try connection.send(request)
                        connection.close(abruptly: abruptly)
                    }
                }
            }
            // The connection of `info` is the only one left.
            try waitUntil { try server.info("connected_clients") == 1 }
        }

        @Test("QUIT is answered, and what follows it is not")
        func quit() throws {
            let connection = try Servers.shared().source.connect()
            try connection.send(Bytes(text: "PING\r\nQUIT\r\nPING\r\n"))
            let (bytes, closed) = try connection.receiveAll(quiet: .seconds(10))
            #expect(bytes == Bytes(text: "+PONG\r\n+OK\r\n") && closed)
        }
    }
}
