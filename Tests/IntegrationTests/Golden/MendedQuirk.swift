import Foundation

extension Recording.Step {
    /// What it sends, in lower case as far as it is plain text.
    func firstWords(_ count: Int) -> [String] {
        (send ?? []).prefix(count).map { argument in
            if case .one(.text(let text)) = argument { text.lowercased() } else { "" }
        }
    }

    /// The encodings that this server names where 3.2.11 names one that it alone has.
    var encodingsInstead: [String] {
        guard firstWords(2) == ["object", "encoding"], case .bulk(.text(let name)?) = expect?.shape else { return [] }
        return switch name {
        case "quicklist": ["ziplist", "linkedlist"]
        case "embstr": ["raw"]
        default: []
        }
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
    /// The right reply; nil where other steps take its place.
    var expect: ExpectedReply?
    /// The steps that show what is right, where that takes others than the recorded one.
    var instead: [Recording.Step]?

    /// All of them: `Tests/Golden/mended-quirks.json`.
    static func all() throws -> [MendedQuirk] {
        let url = Package.recordings.appendingPathComponent("mended-quirks.json")
        return try JSONDecoder().decode([MendedQuirk].self, from: Data(contentsOf: url))
    }
}
