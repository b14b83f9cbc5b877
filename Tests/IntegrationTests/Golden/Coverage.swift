import Foundation

/// What of the recordings does not count yet, in one place.
enum Coverage {
    /// Commands that the server does not have. Steps that send one of them, or ask COMMAND INFO for one, are left out.
    static let absentCommands: Set<String> = ["slaveof", "eval", "sort"]

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
