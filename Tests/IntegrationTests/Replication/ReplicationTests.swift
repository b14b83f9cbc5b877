import Foundation
import Testing

extension IntegrationTests {
    /// Masters and replicas: this server with itself and with real ones.
    @Suite struct ReplicationTests {}
}

/// A server that can be master or replica in a test.
enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case own = "codis-server"
    case redis2_8 = "redis-2.8.17"
    case redis3_2 = "redis-3.2.6"
    case redis7_0 = "redis-7.0.15"

    var testDescription: String { rawValue }

    func start(_ directives: KeyValuePairs<String, [String]> = [:]) throws -> Node {
        let peer = Peer(rawValue: rawValue)
        return try Node(peer.map { try ServerProcess.start($0, directives) } ?? ServerProcess.start(directives), self)
    }
}

/// Who follows whom in a test.
struct Pairing: Sendable, CustomTestStringConvertible {
    let master: Kind
    let replica: Kind

    var testDescription: String { "\(replica.rawValue) follows \(master.rawValue)" }

    /// This server with each, as master and as replica.
    static let all =
        Kind.allCases.map { Pairing(master: .own, replica: $0) }
        + Kind.allCases.filter { $0 != .own }.map { Pairing(master: $0, replica: .own) }
}

/// A server with a connection to it.
final class Node {
    let process: ServerProcess
    private(set) var connection: Connection
    private let kind: Kind
    private let password: String?

    init(_ process: ServerProcess, _ kind: Kind = .own, password: String? = nil) throws {
        self.process = process
        self.kind = kind
        self.password = password
        connection = try process.connect()
        try authenticate()
    }

    var port: Int { process.port }

    private func authenticate() throws {
        if let password { try connection.call("AUTH", password) }
    }

    /// Connects anew, after the server or the connection has ended.
    func reconnect() throws {
        connection = try process.connect()
        try authenticate()
    }

    @discardableResult
    func call(_ words: any CommandArgument...) throws -> Reply {
        do {
            return try connection.call(words.map(\.argumentBytes))
        } catch {
            throw KitFailure("\(error)\n\(process.log.suffix(20000))")
        }
    }

    /// Follows whoever listens there.
    func follow(host: String = "127.0.0.1", port: Int) throws {
        try #require(try call("SLAVEOF", host, port).bytes?.latin1.hasPrefix("OK") == true)
    }

    func follow(_ master: Node) throws { try follow(port: master.port) }

    func promote() throws { try #require(try call("SLAVEOF", "NO", "ONE") == .ok) }

    /// The fields of a section of INFO.
    func info(_ section: String = "replication") throws -> [String: String] {
        let text = try call("INFO", section).bytes?.latin1 ?? ""
        let pairs = text.split(separator: "\r\n").compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[colon...].dropFirst()))
        }
        return Dictionary(pairs) { $1 }
    }

    func number(_ field: String, in section: String = "replication") throws -> Int {
        let value = try info(section)[field]
        return try #require(value.flatMap { Int($0) })
    }

    var isLinked: Bool { get throws { try info()["master_link_status"] == "up" } }

    /// What DEBUG DIGEST says of the data set.
    ///
    /// Redis 3.2.6 dies of it while its table grows, so it gets enough to look up before to make that end.
    var digest: Reply {
        get throws {
            guard kind == .redis3_2 else { return try call("DEBUG", "DIGEST") }
            try call("MULTI")
            try connection.call((["EXISTS"] + Array(repeating: "nothing", count: 1000)).map(\.argumentBytes))
            try call("DEBUG", "DIGEST")
            return try #require(try call("EXEC").items?.last)
        }
    }

    /// Waits until it is in step with its master: it follows its stream.
    func waitUntilLinked(
        within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try waitUntil(within: limit, sourceLocation: sourceLocation) { try isLinked }
    }
}

/// Waits until all have the same data.
func waitUntilSame(
    _ nodes: Node..., within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let deadline = ContinuousClock.now + limit
    while true {
        let digests = try nodes.map { try $0.digest }
        if Set(digests).count == 1 { return }
        guard ContinuousClock.now < deadline else {
            Issue.record("the servers have different data: \(digests)", sourceLocation: sourceLocation)
            return
        }
        usleep(5_000)
    }
}
