import Foundation

/// A recorded conversation with real servers: what was sent, step by step, and what came back.
///
/// The files are JSON Lines: a header, then a step a line. `Tests/Golden/README.md` describes them.
struct Recording: Sendable {
    var name: String
    var header: Header
    var steps: [Step]

    struct Header: Decodable, Sendable {
        /// 1, or 2 when the steps need a target as well.
        var servers: Int?
        /// Settings to make before the first step, by server ("source", "target").
        var config: [String: [String: String]]?
        /// Stand-in targets by name.
        var fakes: [String: FakeTarget.Specification]?
        /// Passwords that a server may be left with.
        var passwords: [ByteForm]?
        /// Commands that undo what the steps changed in the settings.
        var cleanup: [Cleanup]?
        /// Servers of connections whose name does not tell.
        var conns: [String: String]?
    }

    struct Cleanup: Decodable, Sendable {
        var on: String?
        var send: [ByteForm]
    }

    struct Step: Decodable, Sendable {
        enum Operation: String, Decodable, Sendable {
            case call, send, recv, noreply, eof, raw, until, scan, drain, sleep, open, close
        }

        /// The line of the file, counted from 1.
        var line = 0
        var op: Operation?
        var conn: String?
        var send: [ArgumentForm]?
        var data: ByteForm?
        var ms: Double?
        var expect: ExpectedReply?
        var match: MatchKind?
        var range: [Int]?
        /// The replies of other versions, where they were not the same.
        var differs: [String: ExpectedReply]?
        var note: String?

        private enum CodingKeys: String, CodingKey {
            case op, conn, send, data, ms, expect, match, range, differs, note
        }

        var operation: Operation { op ?? .call }

        var connection: String { conn ?? "a" }

        /// Whether the step has an outcome to judge.
        var isChecked: Bool {
            switch operation {
            case .call, .recv, .eof, .noreply, .until, .scan, .drain: true
            case .send, .raw, .sleep, .open, .close: false
            }
        }

        /// Every reply that was recorded, of whichever version: each is right.
        var expectation: ExpectedReply? {
            let others = (differs ?? [:]).values + encodingsInstead.map { ExpectedReply(shape: .bulk(.text($0))) }
            guard let expect, !others.isEmpty else { return expect }
            return ExpectedReply(shape: .oneOf([expect] + others))
        }

        /// The step in one line, for messages.
        var summary: String {
            let name = operation == .call ? "" : operation.rawValue + " "
            let words = (send ?? []).prefix(14).map { argument -> String in
                switch argument {
                case .one(.text(let text)): Bytes(text: text).shown(limit: 60)
                case .one(let form): (try? form.bytes().shown(limit: 24)) ?? "?"
                case .sequence(let formats, let range): "{\(formats.joined(separator: " ")) for \(range)}"
                }
            }
            let more = (send?.count ?? 0) > 14 ? " ...(\(send?.count ?? 0) arguments)" : ""
            return "[\(connection)] " + name + words.joined(separator: " ") + more
        }
    }
}

extension Recording {
    /// Reads a file.
    init(contentsOf url: URL) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let decoder = JSONDecoder()
        guard let first = lines.first else { throw BadRecording("\(url.lastPathComponent) is empty") }
        name = url.lastPathComponent
        header = try decoder.decode(Header.self, from: Data(first.utf8))
        steps = try lines.enumerated().dropFirst().compactMap { index, line in
            guard !line.isEmpty else { return nil }
            var step: Step
            do {
                step = try decoder.decode(Step.self, from: Data(line.utf8))
            } catch {
                throw BadRecording("\(url.lastPathComponent):\(index + 1): \(error)")
            }
            step.line = index + 1
            return step
        }
    }

    /// The names of all recordings of the package, sorted.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: Package.recordings.path)) ?? []
        return files.filter { $0.hasSuffix(".jsonl") }.sorted()
    }()
}
