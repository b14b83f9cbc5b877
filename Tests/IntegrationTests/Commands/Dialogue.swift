import Foundation
import Testing

/// Commands of several connections, one after the other, for two servers that must answer alike.
struct Dialogue: Sendable {
    /// `name` is that of the connection, made when it is first named.
    struct Step: Sendable, CustomStringConvertible {
        var name: String
        var words: [Bytes]
        /// Whether the command is answered by what another one does.
        var waits = false

        var description: String { "\(name)> " + DifferentialStep.command(words).description }
    }

    private(set) var steps: [Step] = []

    /// One step a line: the name of the connection, and the words of the command between blanks. Behind the name of one
    /// that waits for an answer stands a `~`.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first else { continue }
            let bytes = words.dropFirst().map { Bytes(text: String($0)) }
            steps.append(Step(name: name.filter { $0 != "~" }, words: bytes, waits: name.hasSuffix("~")))
        }
    }

    init(_ steps: [Step]) { self.steps = steps }

    /// What every connection got after each step.
    func play(on server: ServerProcess) throws -> [String] {
        let control = try server.connect()
        var connections: [String: Connection] = [:]
        var transcript: [String] = []
        for step in steps {
            let sender = try connections[step.name] ?? server.connect()
            connections[step.name] = sender
            try sender.send(encodeCommand(step.words))
            let first = try step.waits ? [] : sender.receiveSome()
            // What goes to others goes out in the same turn of the server, which is over when it answers again.
            for _ in 0..<2 { try control.call("PING") }
            var line = step.description + "\n"
            line += try step.name + ": " + Self.rest(of: sender, first: first).shown(limit: 2000)
            for (name, other) in connections.sorted(by: { $0.key < $1.key }) where name != step.name {
                let bytes = try Self.rest(of: other)
                if !bytes.isEmpty { line += "\n\(name): " + bytes.shown(limit: 2000) }
            }
            transcript.append(line)
        }
        return transcript
    }

    private static func rest(of connection: Connection, first: Bytes = []) throws -> Bytes {
        try first + connection.receiveAll(quiet: .milliseconds(3)).bytes
    }

    /// Plays the dialogue on the server under test and on a real one, and expects the same.
    func expectSame(
        _ directives: KeyValuePairs<String, [String]> = [:], as peer: Peer = .redis2_8,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let model = try ServerProcess.start(peer, directives)
        let expected = try play(on: model)
        try model.stop()
        let found = try withServer(directives) { try play(on: $0) }
        for (ours, theirs) in zip(found, expected) where ours != theirs {
            Issue.record("instead of\n\(theirs)\ncame\n\(ours)", sourceLocation: sourceLocation)
            return
        }
    }
}
