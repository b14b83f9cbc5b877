import Foundation
import Testing

extension IntegrationTests {
    /// Keys on their way to another server while something goes wrong: the connection, the target, the clients.
    ///
    /// What always holds: a key is never lost, an error reply means that it is still at the source, and whoever
    /// waited for it goes on.
    @Suite struct MigrationFaultTests {}
}

/// The commands that move keys.
enum MigrationForm: String, CaseIterable, Sendable {
    case one = "SLOTSMGRTONE"
    case tagOne = "SLOTSMGRTTAGONE"
    case slot = "SLOTSMGRTSLOT"
    case tagSlot = "SLOTSMGRTTAGSLOT"
    /// Redis' own, with REPLACE.
    case migrate = "MIGRATE"

    /// Those of Codis.
    static let slots = allCases.filter { $0 != .migrate }

    /// Whether it moves all keys of a tag.
    var movesGroups: Bool { self == .tagOne || self == .tagSlot }

    /// The command that moves `key` or its slot.
    func words(_ key: String, to target: Endpoint, timeout: Int = 10_000) -> [Bytes] {
        let parts: [any CommandArgument] =
            switch self {
            case .one, .tagOne: [rawValue, target.host, target.port, timeout, key]
            case .slot, .tagSlot: [rawValue, target.host, target.port, timeout, slotNumber(of: key)]
            case .migrate: [rawValue, target.host, target.port, key, 0, timeout, "REPLACE"]
            }
        return parts.map(\.argumentBytes)
    }

    /// The reply after `count` keys were moved and none are left in the slot.
    func success(_ count: Int) -> Reply {
        switch self {
        case .one, .tagOne: .integer(count)
        case .slot, .tagSlot: .array([.integer(count), .integer(0)])
        case .migrate: count == 0 ? .status("NOKEY") : .ok
        }
    }

    /// The reply when the connection to the target ends before it has answered.
    var readFailure: Reply {
        .error("IOERR error or timeout reading from target" + (self == .migrate ? " node" : ""))
    }

    /// Whether the reply says that writing to the target or reading from it failed.
    func isBrokenConnection(_ reply: Reply) -> Bool {
        reply == readFailure
            || reply == .error("IOERR error or timeout writing to target" + (self == .migrate ? " instance" : ""))
    }
}

/// The address of a target, as commands name it.
struct Endpoint: Sendable {
    var host: String
    var port: Int
}

extension ServerProcess {
    var endpoint: Endpoint { Endpoint(host: host, port: port) }
}

extension Relay {
    var endpoint: Endpoint { Endpoint(host: host, port: port) }
}

extension FakeTarget {
    var endpoint: Endpoint { Endpoint(host: host, port: port) }
}

/// The slot of a key: CRC-32 of what stands in the first braces, or of the whole key, modulo 1024.
func slotNumber(of key: String) -> Int {
    let bytes = Bytes(text: key)
    var tag = bytes[...]
    if let open = bytes.firstIndex(of: UInt8(ascii: "{")),
        let close = bytes[open...].firstIndex(of: UInt8(ascii: "}"))
    {
        tag = bytes[(open + 1)..<close]
    }
    let crc = tag.reduce(UInt32.max) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return Int(~crc & 1023)
}

/// Connections to the two servers of a suite, emptied.
struct Stage {
    let servers: Servers
    let source: Connection
    let target: Connection

    init() throws {
        servers = try Servers.shared()
        source = try servers.source.connect(timeout: .seconds(30))
        target = try servers.target.connect(timeout: .seconds(30))
        try empty()
    }

    func empty() throws {
        for connection in [source, target] { try connection.call("FLUSHALL") }
    }

    /// Moves a key over a new connection, as a sign that everything still works.
    func expectUndisturbed(
        _ form: MigrationForm = .one, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let relay = try Relay(to: servers.target.address)
        defer { relay.stop() }
        try source.call("SET", "undisturbed", "value")
        let reply = try source.call(form.words("undisturbed", to: relay.endpoint))
        #expect(reply == form.success(1), sourceLocation: sourceLocation)
        #expect(try target.call("GET", "undisturbed") == .bulk("value"), sourceLocation: sourceLocation)
        #expect(try source.call("EXISTS", "undisturbed") == .integer(0), sourceLocation: sourceLocation)
        try target.call("DEL", "undisturbed")
    }
}
