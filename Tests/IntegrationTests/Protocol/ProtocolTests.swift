import Foundation
import Testing

extension IntegrationTests {
    /// What a client can see of a server without looking at its data: requests, limits, connections, the process.
    ///
    /// Redis 2.8.17 is the model: where it can be asked, the same bytes go to both and the same must come back.
    @Suite struct ProtocolTests {}
}

extension ServerProcess {
    /// Returns when the server has seen everything that was sent to it before this call, on any connection, and has
    /// answered it.
    ///
    /// A server takes connections in the order in which bytes came, some kilobytes of each in a turn.
    /// - Parameter bytes: how much was sent on one connection.
    func settle(after bytes: Int = 0) throws {
        let connection = try connect()
        for _ in 0..<(bytes / 4096 + 4) { try connection.send(Bytes(text: "PING\r\n")); _ = try connection.receive() }
    }

    /// The memory of the process that is in RAM, in bytes.
    func residentMemory() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(processID ?? 0)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first, let kilobytes = Int(number)
        else { throw KitFailure("the process has no VmRSS") }
        return kilobytes * 1024
    }

    /// How many files and sockets the process has open.
    func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID ?? 0)/fd").count
    }
}

extension Connection {
    /// The next `count` bytes, whatever they mean; fewer if no more come.
    func receive(count: Int) throws -> Bytes {
        var bytes = Bytes()
        do {
            while bytes.count < count { bytes += try receiveSome() }
        } catch ConnectionFailure.timedOut {
            // What came shows better than the time what is wrong.
        }
        return bytes
    }
}
