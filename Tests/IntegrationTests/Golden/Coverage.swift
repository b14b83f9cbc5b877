import Foundation

/// What of the recordings does not count yet, in one place.
enum Coverage {
    /// Commands of the asynchronous family, which the server does not have. Steps that send one of them, or ask
    /// COMMAND INFO for one, are left out.
    static let absentCommands: Set<String> = [
        "slotsmgrtone-async", "slotsmgrttagone-async", "slotsmgrtslot-async", "slotsmgrttagslot-async",
        "slotsmgrtone-async-dump", "slotsmgrttagone-async-dump", "slotsmgrt-async-fence", "slotsmgrt-async-cancel",
        "slotsmgrt-async-status", "slotsmgrt-exec-wrapper", "slotsrestore-async", "slotsrestore-async-auth",
        "slotsrestore-async-select", "slotsrestore-async-ack",
    ]

    /// Steps that restore, or look at, a value of a type which the server does not have, by recording.
    static let stepsOfAbsentTypes: [String: Set<Int>] = [
        "slotsrestore-ttl.2.8.21.jsonl": [23, 24, 25, 77, 78, 79, 80],
        "slotsrestore-ttl.3.2.11.jsonl": [23, 24, 25, 77, 78, 79, 80],
    ]

    static func needsAbsentType(line: Int, of recording: String) -> Bool {
        stepsOfAbsentTypes[recording]?.contains(line) ?? false
    }

    static func skips(_ step: Recording.Step) -> Bool {
        let words = (step.send ?? []).prefix(3).map { argument -> String in
            if case .one(.text(let text)) = argument { text.lowercased() } else { "" }
        }
        guard let name = words.first else { return false }
        return absentCommands.contains(name == "command" && words.count == 3 ? words[2] : name)
    }
}

/// A step at which the server does better than the recorded ones did, and answers something else.
struct MendedQuirk: Decodable, Sendable {
    /// The recording's file name.
    var file: String
    /// The step's line in it, counted from 1.
    var line: Int
    /// The name of the quirk in the specification of the slot commands.
    var quirk: String
    var why: String
    /// The right reply.
    var expect: ExpectedReply

    /// All of them: `Tests/Golden/mended-quirks.json`.
    static func all() throws -> [MendedQuirk] {
        let url = Package.recordings.appendingPathComponent("mended-quirks.json")
        return try JSONDecoder().decode([MendedQuirk].self, from: Data(contentsOf: url))
    }
}
