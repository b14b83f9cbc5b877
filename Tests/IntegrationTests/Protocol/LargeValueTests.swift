import Foundation
import Testing
import TestSupport

extension IntegrationTests.ProtocolTests {
    /// The largest value that Redis allows, 512 MiB. The test never holds more than a few pieces of it.
    @Suite struct LargeValueTests {
        private static let length = 512 << 20
        private static let pieceLength = 1 << 20

        /// One piece of the value: noise that is the same for all, behind the number of the piece.
        private static func piece(_ number: Int) -> Bytes {
            withUnsafeBytes(of: UInt64(number).bigEndian) { Bytes($0) } + noise
        }

        private static let noise: Bytes = {
            var random = SeededGenerator(seed: 512)
            return (0..<(pieceLength / 8 - 1)).flatMap { _ in withUnsafeBytes(of: random.next()) { Bytes($0) } }
        }()

        /// Whether two runs of bytes are equal, by `memcmp`: half a gigabyte is too much for a loop of a debug build.
        private static func isEqual(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
            one.withUnsafeBytes { left in
                other.withUnsafeBytes { right in
                    guard left.count == right.count else { return false }
                    guard let start = left.baseAddress, let otherStart = right.baseAddress else { return true }
                    return memcmp(start, otherStart, left.count) == 0
                }
            }
        }

        /// Reads the value as a bulk reply from a connection without unread bytes, and compares it on the way.
        private func receiveValue(_ socket: Socket) throws -> Bool {
            let header = Bytes(text: "$\(Self.length)\r\n")
            var received = Bytes()
            while received.count < header.count { received += try receive(socket) }
            guard received.starts(with: header) else { return false }
            received.removeFirst(header.count)
            var number = 0
            var expected = Self.piece(0)[...]
            var unread = received[...]
            while number < Self.length / Self.pieceLength {
                if unread.isEmpty { unread = try receive(socket)[...] }
                let count = min(unread.count, expected.count)
                guard Self.isEqual(unread.prefix(count), expected.prefix(count)) else { return false }
                unread = unread.dropFirst(count)
                expected = expected.dropFirst(count)
                if expected.isEmpty {
                    number += 1
                    expected = Self.piece(number)[...]
                }
            }
            var end = Bytes(unread)
            while end.count < 2 { end += try receive(socket) }
            return end == [13, 10]
        }

        private func receive(_ socket: Socket) throws -> Bytes {
            guard let bytes = try socket.receive(limit: Self.pieceLength, timeout: .seconds(60)) else {
                throw ConnectionFailure.closed
            }
            return bytes
        }

        @Test("512 MiB in and out, and the memory is free again after DEL")
        func largestValue() throws {
            try withServer { server in
                let memory = (used: try server.info("used_memory"), resident: try server.residentMemory())
                let socket = try Socket.connect(to: server.address)
                try socket.send(Bytes(text: "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$\(Self.length)\r\n"))
                for number in 0..<(Self.length / Self.pieceLength) {
                    try socket.send(Self.piece(number), timeout: .seconds(60))
                }
                try socket.send([13, 10])
                #expect(try receive(socket) == Bytes(text: "+OK\r\n"))

                let other = try server.connect(timeout: .seconds(60))
                #expect(try other.call("STRLEN", "key") == .integer(Self.length))
                // The value is there once: the input it came in was given back, or became the value. The allocator
                // has no block of the very size; the next one, a quarter larger, counts as used and is not touched.
                let slack = 16 << 20
                try waitUntil(within: .seconds(20)) {
                    try server.info("used_memory") < memory.used + Self.length / 4 * 5 + slack
                        && server.residentMemory() < memory.resident + Self.length / 8 * 9 + slack
                }

                try socket.send(command("GET", "key"))
                #expect(try receiveValue(socket))
                let tooLong = Reply.error("ERR string exceeds maximum allowed size (512MB)")
                #expect(try other.call("APPEND", "key", "x") == tooLong)
                #expect(try other.call("SETRANGE", "key", Self.length, "x") == tooLong)
                #expect(try other.call("GETRANGE", "key", 0, 7) == .bulk([0, 0, 0, 0, 0, 0, 0, 0]))

                #expect(try other.call("DEL", "key") == .integer(1))
                try waitUntil(within: .seconds(30)) {
                    try server.info("used_memory") < memory.used + slack
                        && server.residentMemory() < memory.resident + 2 * slack
                }
                try socket.send(command("EXISTS", "key"))
                #expect(try receive(socket) == Bytes(text: ":0\r\n"))
            }
        }

        @Test("an announced length costs nothing before the bytes are there")
        func announcedLength() throws {
            try withServer { server in
                let before = try server.info("used_memory")
                let connections = try (0..<50).map { _ in try server.connect() }
                for connection in connections {
                    try connection.send(Bytes(text: "*1048576\r\n$536870912\r\nabc"))
                }
                try server.settle()
                #expect(try server.info("used_memory") < before + 50 * 64 * 1024)
                for connection in connections { connection.close() }
            }
        }
    }
}
