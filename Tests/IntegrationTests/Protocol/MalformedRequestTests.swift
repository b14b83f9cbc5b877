import Foundation
import Testing
import TestSupport

extension IntegrationTests.ProtocolTests {
    /// Bytes that are no request, or one beyond a limit: the same goes to a real Redis, and the same must come back,
    /// to the end of the connection.
    ///
    /// Two faults of Redis 2.8 are not compared: behind a line that ends in a newline alone it loses a byte, and behind
    /// a NUL it does not find the end of a line.
    @Suite(.freshServers) struct MalformedRequestTests {
        /// What a server does with bytes: its answer, and whether it closes.
        private struct Reaction: Equatable, CustomStringConvertible {
            var bytes: Bytes
            var closed: Bool

            var description: String { bytes.shown(limit: 300) + (closed ? " and closes" : " and stays") }
        }

        private func reaction(of server: ServerProcess, to bytes: Bytes) throws -> Reaction {
            let connection = try server.connect()
            // A server may close before it has read everything.
            try? connection.send(bytes)
            try server.settle(after: bytes.count)
            let (reply, closed) = try connection.receiveAll(quiet: .milliseconds(1))
            return Reaction(bytes: reply, closed: closed)
        }

        private func compare(_ inputs: [Bytes]) throws {
            let ours = try Servers.shared().source
            let model = try ServerProcess.start(.redis2_8)
            for input in inputs {
                let expected = try reaction(of: model, to: input)
                var found = try reaction(of: ours, to: input)
                // A busy machine may have kept the answer back for a moment.
                for _ in 0..<20 where found != expected {
                    usleep(100_000)
                    found = try reaction(of: ours, to: input)
                }
                #expect(found == expected, "after \(input.shown(limit: 200))")
            }
            try model.stop()
        }

        @Test("wrong counts and lengths")
        func counts() throws {
            let numbers = [
                "", "0", "-0", "-1", "-2", "+1", "01", " 1", "1 ", "1x", "x", "1.0", "0x1", "1048576", "1048577",
                "536870912",
                "536870913", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967297",
                "9223372036854775807",
                "9223372036854775808", "-9223372036854775808", "99999999999999999999999999",
            ]
            let ping = "*1\r\n$4\r\nPING\r\n"
            try compare(
                numbers.flatMap { number in
                    [
                        "*\(number)\r\n", "*\(number)\r\n$4\r\nPING\r\n", "*1\r\n$\(number)\r\n",
                        ping + "*2\r\n$4\r\nECHO\r\n$\(number)\r\n" + ping,
                    ]
                    .map { Bytes(text: $0) }
                })
        }

        @Test("something else where $ should be")
        func missingBulk() throws {
            let bytes: [UInt8] = Array("x*+:-0 \n\r'\"".utf8) + [1, 127, 128, 255]
            try compare(
                bytes.flatMap {
                    [Bytes(text: "*1\r\n") + [$0] + Bytes(text: "4\r\nPING\r\n"), Bytes(text: "*1\r\n") + [$0]]
                })
            try compare([Bytes(text: "*1\r\nPING\r\n"), Bytes(text: "*2\r\n$4\r\nECHO\r\nhello\r\n")])
        }

        @Test("line ends in strange places")
        func lineEnds() throws {
            try compare(
                [
                    "\r\n", "\r", "\r\r\n", "   \r\n", "PING\r\r\n", "PING\rPING\r\n", "PI\rNG\r\n", " PING \r\n",
                    "PING\n",
                    "\n", "\t\n", "PING\r\n\r\n\r\nPING\r\n", "*1\n$4\nPING\n", "*1\r$4\r\nPING\r\n",
                    "*1\rx$4\rxPINGxx",
                    "*1\r\n$4\r\nPINGPING\r\n", "*1\r\n$5\r\nPING\r\nPING\r\n", "*",
                    "*1",
                    "*1\r", "*1\r\n", "*1\r\n$", "*1\r\n$4", "*1\r\n$4\r", "*1\r\n$4\r\n", "*1\r\n$4\r\nPING",
                    "*1\r\n$4\r\nPING\r", "*1\r\n$0\r\n\r\n", "*2\r\n$0\r\n\r\n$0\r\n\r\n", "PING\u{0B}\r\n",
                    "PING\u{0C}x\r\n", "\u{0B}PING\r\n",
                ].map { Bytes(text: $0) })
        }

        @Test("quotes in lines")
        func quotes() throws {
            try compare(
                [
                    #"ECHO "a"#, #"ECHO 'a"#, #"ECHO "a"b"#, #"ECHO 'a'b"#, #"ECHO a"b""#, #"ECHO a'b'"#, #"ECHO "a\""#,
                    #"ECHO 'a\'"#,
                    #"ECHO "\xZZ""#, #"ECHO "\x4""#, #"ECHO "\x41\x4A\x4a""#, #"ECHO "\n\r\t\b\a\q\\""#,
                    #"ECHO '\n\x41\\'"#, #"ECHO """#, #"ECHO ''"#,
                    #""PING""#, #"'PING'"#, #""""#, #""" PING"#, #"ECHO "'" "#, #"ECHO '"'"#, #"ECHO "a" "b""#,
                    #"ECHO "a"'b'"#, #"ECHO \"a\""#,
                    #"PING "a b" c"#, #"ECHO "a"# + "\tb\"", #"""#, #"'"#, #"\"#,
                ].map { Bytes(text: $0 + "\r\nPING\r\n") })
        }

        @Test("lines at the limit of 64 KiB and beyond")
        func longLines() throws {
            func repeated(_ byte: Character, _ count: Int) -> Bytes {
                Bytes(repeating: byte.asciiValue ?? 0, count: count)
            }
            let limit = 64 * 1024
            for count in [limit - 5, limit, limit + 1, limit + 20_000] {
                try compare([
                    repeated("a", count), repeated("a", count) + Bytes(text: "\r\n"),
                    Bytes(text: "ECHO ") + repeated("a", count - 5),
                    Bytes(text: "*") + repeated("1", count - 1),
                    Bytes(text: "*") + repeated("0", count - 1) + Bytes(text: "1\r\n"),
                    Bytes(text: "*1\r\n$") + repeated("1", count - 1),
                    Bytes(text: "*1\r\n$") + repeated("0", count - 1) + Bytes(text: "4\r\nPING\r\n"),
                    Bytes(text: "*1\r\n") + repeated("x", count),
                ])
            }
        }

        @Test("what came before a fault is answered, what comes after it is not")
        func neighbours() throws {
            let before = Bytes(text: "PING\r\n") + command("ECHO", "before")
            let after = Bytes(text: "PING\r\n") + command("SET", "after", "1")
            let faults = [
                "*x\r\n", "*1\r\n$x\r\n", "*1\r\nx\r\n", "ECHO \"\r\n", "*1\r\n$-1\r\n", "nosuch\r\n", "GET\r\n",
            ]
            try compare(faults.map { before + Bytes(text: $0) + after })
        }

        @Test("whatever comes, what goes back is RESP, and the server lives")
        func randomFaults() throws {
            let seed = Package.seed("PROTOCOL_SEED")
            print("protocol test: PROTOCOL_SEED=\(seed)")
            var random = SeededGenerator(seed: seed)
            let server = try Servers.shared().source
            let framing = Bytes(text: "*$\r\n0123456789-+ \"'\\xAZ") + [0, 255]
            let pipeline =
                command("SET", "a", "1") + Bytes(text: "GET a\r\n*0\r\nECHO \"x y\"\r\n") + command("ECHO", "12345")
                + command("PING")
            for _ in 0..<1000 {
                var bytes = pipeline
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    let index = bytes.indices.randomElement(using: &random) ?? 0
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[index] = random.pick(framing)
                    case 1: bytes.insert(random.pick(framing), at: index)
                    default: bytes.remove(at: index)
                    }
                }
                let found = try reaction(of: server, to: bytes)
                var parser = ReplyParser()
                parser.append(found.bytes)
                var last: Reply?
                while let next = try parser.next() { last = next.reply }
                #expect(parser.unread.isEmpty, "\(found) after \(bytes.shown())")
                let isProtocolError = last?.errorText?.hasPrefix("ERR Protocol error: ") == true
                #expect(found.closed == isProtocolError, "\(found) after \(bytes.shown())")
            }
        }
    }
}
