/// What the comparison sends to both servers.
enum DifferentialStep: Sendable {
    /// A command, sent as an array of bulk strings.
    case command([Bytes])
    /// A command, sent as a line of text: the words as they are and as they travel.
    case inline([Bytes], line: Bytes)
    /// SCAN with these options, from 0 until the cursor is 0 again.
    case scan(options: [Bytes])
    /// Time passes.
    case pause(milliseconds: Int)

    /// The words of the command, if it is one.
    var words: [Bytes] {
        switch self {
        case .command(let words), .inline(let words, _): words
        case .scan(let options): [Bytes(text: "SCAN"), Bytes(text: "0")] + options
        case .pause: []
        }
    }

    /// The lower-case name of the command.
    var name: String {
        words.first?.latin1.lowercased() ?? ""
    }
}

extension DifferentialStep: CustomStringConvertible {
    var description: String {
        switch self {
        case .command(let words): words.map { $0.shown() }.joined(separator: " ")
        case .inline(_, let line): "inline " + line.shown()
        case .scan: "follow " + words.map { $0.shown() }.joined(separator: " ")
        case .pause(let time): "wait \(time) ms"
        }
    }
}

/// Steps that belong together: a shorter sequence keeps or drops all of them.
typealias DifferentialUnit = [DifferentialStep]
