import Foundation

/// The commands of the asynchronous family that move keys.
enum AsyncForm: String, CaseIterable, Sendable {
    case one = "SLOTSMGRTONE-ASYNC"
    case tagOne = "SLOTSMGRTTAGONE-ASYNC"
    case slot = "SLOTSMGRTSLOT-ASYNC"
    case tagSlot = "SLOTSMGRTTAGSLOT-ASYNC"

    /// Whether it moves all keys of a tag.
    var movesGroups: Bool { self == .tagOne || self == .tagSlot }

    /// The command that moves `key` or its slot.
    func words(
        _ key: String, to target: Endpoint, timeout: Int = 10_000, maxbulks: Int = 200, maxbytes: Int = 1 << 20,
        numkeys: Int = 1000
    ) -> [Bytes] {
        var parts: [any CommandArgument] = [rawValue, target.host, target.port, timeout, maxbulks, maxbytes]
        switch self {
        case .one, .tagOne: parts.append(key)
        case .slot, .tagSlot: parts += [slotNumber(of: key), numkeys]
        }
        return parts.map(\.argumentBytes)
    }

    /// The reply after `count` keys were moved from a slot that had as many.
    func success(_ count: Int) -> Reply {
        switch self {
        case .one, .tagOne: .integer(count)
        case .slot, .tagSlot: .array([.integer(count), .integer(count)])
        }
    }
}

/// What a target says to a message.
func acknowledgement(_ code: Int, _ text: String) -> Reply {
    .array([.bulk("SLOTSRESTORE-ASYNC-ACK"), .bulk(String(code)), .bulk(text)])
}

extension ScriptedTarget.Conversation {
    /// Waits for the next message and acknowledges it with a text that nobody looks at.
    @discardableResult
    func acknowledge() throws -> [Bytes] {
        let words = try command()
        try send(acknowledgement(0, "1").encoded)
        return words
    }
}

extension Bytes {
    /// What a target answers when it is told the database: the bytes that a gate lets through so that keys are sent.
    static let acknowledgedSelect = acknowledgement(0, "OK").encoded
}
