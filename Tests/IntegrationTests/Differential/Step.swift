/// What the comparison sends to both servers.
enum DifferentialStep: Sendable {
    /// A command, sent as an array of bulk strings.
    case command([Bytes])
    /// A command, sent as a line of text: the words as they are and as they travel.
    case inline([Bytes], line: Bytes)
    /// A command of the SCAN family, `prefix cursor options`, with cursors from 0 until it is 0 again.
    case scan(prefix: [Bytes], options: [Bytes])
    /// Time passes.
    case pause(milliseconds: Int)

    /// The words of the command, if it is one.
    var words: [Bytes] {
        switch self {
        case .command(let words), .inline(let words, _): words
        case .scan(let prefix, let options): prefix + [Bytes(text: "0")] + options
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
