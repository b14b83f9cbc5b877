import Memory

@testable import RESP
import TestSupport

/// What came out of a parser, copied.
enum ParserEvent: Equatable {
    case request([[UInt8]])
    case nothing
    case failure(ProtocolError)
}

/// A parser with the input buffer that a connection would have.
struct ParsedConnection: ~Copyable {
    private(set) var parser = RequestParser()
    private var input: [UInt8] = []
    private(set) var events: [ParserEvent] = []
    /// Whether the parser went against its own rules, and how.
    private(set) var complaint: String?
    /// The input length below which the parser said that it cannot go on.
    private var needed = 0

    var hasFailed: Bool {
        if case .failure = events.last { true } else { false }
    }

    /// Bytes that no event has taken yet.
    var pending: Int { input.count }

    mutating func receive(_ bytes: some Collection<UInt8>) {
        let received = input + bytes
        var consumed = 0
        defer { input = Array(received[consumed...]) }
        while !hasFailed {
            let rest = received.raw.extracting(consumed..<received.count)
            let outcome = parser.parse(rest)
            if outcome != .incomplete, rest.byteCount < needed {
                complaint = "\(outcome) from \(rest.byteCount) bytes, though \(needed) were said to be needed"
            }
            switch outcome {
            case .incomplete:
                needed = rest.byteCount + parser.missing
                if parser.missing < 1 { complaint = "\(parser.missing) bytes missing" }
                return
            case .request(let length):
                let (arguments, byteCount) = arguments(in: rest)
                if arguments.isEmpty { complaint = "a request without a name" }
                if byteCount != arguments.map(\.count).reduce(0, +) { complaint = "a wrong byteCount" }
                if length < 1 || length > rest.byteCount { complaint = "a request of \(length) bytes" }
                events.append(.request(arguments))
                consumed += length
            case .nothing(let length):
                events.append(.nothing)
                if length < 1 || length > rest.byteCount { complaint = "nothing, \(length) bytes long" }
                consumed += length
            case .failure(let error):
                events.append(.failure(error))
            }
            needed = 0
        }
    }

    private func arguments(in input: RawSpan) -> (copies: [[UInt8]], byteCount: Int) {
        let request = parser.request(in: input)
        return ((0..<request.count).map { request[$0].array }, request.byteCount)
    }

    /// What the whole of `bytes` gives when it comes in the pieces that end at `cuts`.
    static func events(of bytes: [UInt8], cuts: [Int] = []) -> (events: [ParserEvent], pending: Int, complaint: String?)
    {
        var connection = ParsedConnection()
        var start = 0
        for end in cuts + [bytes.count] {
            connection.receive(bytes[start..<end])
            start = end
        }
        return (connection.events, connection.pending, connection.complaint)
    }
}

/// `arguments` as a multibulk request.
func multibulk(_ arguments: [[UInt8]]) -> [UInt8] {
    var bytes = [UInt8]("*\(arguments.count)\r\n")
    for argument in arguments { bytes += [UInt8]("$\(argument.count)\r\n") + argument + [13, 10] }
    return bytes
}

func multibulk(_ arguments: String...) -> [UInt8] { multibulk(arguments.map { [UInt8]($0) }) }

func request(_ arguments: String...) -> ParserEvent { .request(arguments.map { [UInt8]($0) }) }
