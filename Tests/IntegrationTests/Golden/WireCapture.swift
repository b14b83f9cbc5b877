import Foundation
import Synchronization

/// What a source and a target of a migration said to each other, caught by a relay: `Tests/Golden/wire/`.
struct WireCapture {
    struct Header: Decodable {
        /// Steps that prepare both sides, the migration itself, and what must hold then.
        var before: [Recording.Step]?
        var trigger: [Recording.Step]?
        var after: [Recording.Step]?
        var passwords: [ByteForm]?
    }

    private struct Piece: Decodable {
        var from: String
        var data: String
    }

    let name: String
    let header: Header
    /// What the source sent, in the pieces in which it sent it.
    let sent: [Bytes]
    let commands: [[Bytes]]
    let answers: [Reply]

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".jsonl") }.sorted()
    }()

    private static let folder = Package.recordings.appendingPathComponent("wire")

    init(named name: String) throws {
        self.name = name
        let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
        let lines = text.split(separator: "\n")
        guard let first = lines.first else { throw BadRecording("\(name) is empty") }
        let decoder = JSONDecoder()
        header = try decoder.decode(Header.self, from: Data(first.utf8))
        let pieces = try lines.dropFirst().map { try decoder.decode(Piece.self, from: Data($0.utf8)) }
        sent = try pieces.filter { $0.from == "source" }.map { try ByteForm.decodeBase64($0.data) }
        commands = try Self.replies(in: sent).map { ($0.items ?? []).compactMap(\.bytes) }
        answers = try Self.replies(
            in: pieces.filter { $0.from == "target" }.map { try ByteForm.decodeBase64($0.data) })
    }

    /// A command has the form of a reply, too.
    private static func replies(in pieces: [Bytes]) throws -> [Reply] {
        var parser = ReplyParser()
        parser.append(Array(pieces.joined()))
        var replies: [Reply] = []
        while let (reply, _) = try parser.next() { replies.append(reply) }
        return replies
    }

    /// The steps that talk to one of the two sides, as a recording of their own.
    func recording(_ part: [Recording.Step]?, toTarget: Bool) -> Recording {
        let steps = (part ?? []).enumerated().map { index, step in
            var step = step
            step.line = index + 1
            return step
        }
        let header = Recording.Header(passwords: header.passwords)
        return Recording(
            name: name, header: header, steps: steps.filter { $0.connection.hasPrefix("t") == toTarget })
    }
}

/// Plays the target of a capture: takes down what it gets, and acknowledges it.
final class AcknowledgingTarget: Sendable {
    private let target: ScriptedTarget
    private let heard: HeardCommands

    init() throws {
        let heard = HeardCommands()
        self.heard = heard
        target = try ScriptedTarget { conversation in
            var sizes: [Bytes: Set<Bytes>] = [:]
            while true {
                let words = try conversation.command()
                heard.commands.withLock { $0.append(words) }
                let text = Self.acknowledgement(of: words, &sizes)
                try conversation.send(command("SLOTSRESTORE-ASYNC-ACK", "0", text))
            }
        }
    }

    var endpoint: Endpoint { target.endpoint }

    var commands: [[Bytes]] { heard.commands.withLock { $0 } }

    func stop() { target.stop() }

    private static func acknowledgement(of words: [Bytes], _ sizes: inout [Bytes: Set<Bytes>]) -> String {
        guard words.count > 2 else { return "OK" }
        let (kind, key) = (words[1].latin1, words[2])
        switch kind {
        case "delete":
            sizes[key] = []
            return "0"
        case "expire", "string", "object": return "1"
        default:
            let items = Array(words[5...])
            let size = sizes[key]?.count ?? 0
            let members: [Bytes] =
                switch kind {
                case "list": items.indices.map { Bytes(text: String(size + $0)) }
                case "dict": items
                default: stride(from: 0, to: items.count, by: 2).map { items[$0] }
                }
            sizes[key, default: []].formUnion(members)
            return String(sizes[key, default: []].count)
        }
    }
}

private final class HeardCommands: Sendable {
    let commands = Mutex<[[Bytes]]>([])
}
