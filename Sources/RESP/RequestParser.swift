public import Memory

/// What is wrong with the bytes of a client, in the words of Redis 2.8. The connection is closed after the reply.
public enum ProtocolError: Error, Equatable {
    case tooBigInlineRequest
    case unbalancedQuotes
    case tooBigMultibulkCount
    case invalidMultibulkLength
    case tooBigBulkCount
    /// The byte that stood where `$` was expected.
    case expectedBulk(got: UInt8)
    case invalidBulkLength
}

/// Finds the next request in the bytes of one connection, inline or multibulk, and goes on where it stopped when the
/// bytes end in the middle.
///
/// The parser looks at no byte twice, copies nothing (but inline requests with quotes, which have to be unescaped) and
/// believes no length before the bytes are there. Limits are those of Redis 2.8 (`networking.c`): 64 KiB for a line,
/// 1,048,576 arguments, 512 MiB an argument.
@frozen
public struct RequestParser: ~Copyable {
    public enum Outcome: Equatable {
        /// More bytes are needed; ``missing`` says how many at least.
        case incomplete
        /// A request of `length` bytes lies at the front of the input.
        case request(length: Int)
        /// `length` bytes at the front of the input say nothing: an empty line, a multibulk of no arguments.
        case nothing(length: Int)
        case failure(ProtocolError)
    }

    static let maximumLineLength = 64 * 1024
    static let maximumArguments: Int64 = 1024 * 1024
    static let maximumBulkLength: Int64 = 512 * 1024 * 1024

    private var arguments = ArgumentList()
    /// Arguments of an inline request with quotes; otherwise empty, and arguments lie in the input.
    private var unescaped = ByteBuffer()
    private var usesUnescaped = false
    /// The first byte not yet looked at, counted from the start of the request.
    private var position = 0
    /// Arguments still to come in a multibulk request; 0 between requests.
    private var argumentsLeft = 0
    /// The length that the current argument announced, or -1 when its `$` line is still to come.
    private var bulkLength = -1
    /// The bytes there were when the current argument turned out to be incomplete.
    private var seen = 0

    public init() {}

    /// Bytes that must at least be added before it is worth to parse again, when the last outcome was `incomplete`.
    public var missing: Int { bulkLength >= 0 ? position + bulkLength + 2 - seen : 1 }

    /// Whether a request has begun and not ended.
    public var isInside: Bool { argumentsLeft > 0 }

    /// Looks for one request at the front of `input`. After `incomplete` the next call must see the same bytes again,
    /// with more behind them; after any other outcome the input begins `length` bytes later.
    public mutating func parse(_ input: RawSpan) -> Outcome {
        if argumentsLeft == 0 {
            guard input.byteCount > 0 else { return .incomplete }
            arguments.removeAll()
            if usesUnescaped { dropUnescaped() }
            if input[0] != UInt8(ascii: "*") { return parseInline(input) }
            if let short = ShortLength(input, at: 1), short.value > 0 {
                argumentsLeft = short.value
                position = 1 + short.width
                return parseArguments(input)
            }
            switch parseLine(input, from: 1) {
            case .none:
                return input.byteCount > Self.maximumLineLength ? .failure(.tooBigMultibulkCount) : .incomplete
            case .some(let end):
                guard let count = Int64(canonical: input.extracting(1..<end)), count <= Self.maximumArguments else {
                    return .failure(.invalidMultibulkLength)
                }
                if count <= 0 { return .nothing(length: end + 2) }
                argumentsLeft = Int(count)
                position = end + 2
                bulkLength = -1
            }
        }
        return parseArguments(input)
    }

    /// The request that the last call of ``parse(_:)`` found at the front of `input`.
    @_lifetime(borrow self, copy input)
    public func request(in input: RawSpan) -> Request {
        let bytes = usesUnescaped ? unescaped.bytes : input
        return Request(input: bytes, ranges: arguments.ranges)
    }

    /// Forgets a request that is only partly there, or steps back before the one just found so that it is parsed again.
    public mutating func reset() {
        argumentsLeft = 0
        position = 0
        bulkLength = -1
        arguments.removeAll()
    }

    private mutating func parseArguments(_ input: RawSpan) -> Outcome {
        while argumentsLeft > 0 {
            if bulkLength < 0 {
                guard position < input.byteCount else { return .incomplete }
                if input[position] == UInt8(ascii: "$"), let short = ShortLength(input, at: position + 1) {
                    bulkLength = short.value
                    position += 1 + short.width
                } else if let outcome = parseBulkLine(input) {
                    return outcome
                }
            }
            guard input.byteCount - position >= bulkLength + 2 else {
                seen = input.byteCount
                return .incomplete
            }
            arguments.append(ArgumentRange(offset: position, length: bulkLength))
            position += bulkLength + 2
            bulkLength = -1
            argumentsLeft -= 1
        }
        let length = position
        position = 0
        return .request(length: length)
    }

    /// Reads any `$` line; answers an outcome where the request cannot go on.
    private mutating func parseBulkLine(_ input: RawSpan) -> Outcome? {
        guard let end = parseLine(input, from: position) else {
            return input.byteCount - position > Self.maximumLineLength ? .failure(.tooBigBulkCount) : .incomplete
        }
        guard input[position] == UInt8(ascii: "$") else { return .failure(.expectedBulk(got: input[position])) }
        guard let length = Int64(canonical: input.extracting((position + 1)..<end)), length >= 0,
            length <= Self.maximumBulkLength
        else { return .failure(.invalidBulkLength) }
        bulkLength = Int(length)
        position = end + 2
        return nil
    }

    /// The index of the `\r` that ends the line at `start`, once the byte behind it is there as well. As in Redis that
    /// byte is taken for the `\n`.
    @inline(__always)
    private func parseLine(_ input: RawSpan, from start: Int) -> Int? {
        // Lines that announce lengths are a few bytes long; a search routine would cost more than it finds.
        var index = start
        let count = input.byteCount
        while index < count {
            if input[index] == 13 { return index + 1 < count ? index : nil }
            index += 1
        }
        return nil
    }

    private mutating func parseInline(_ input: RawSpan) -> Outcome {
        guard let newline = input.firstIndex(of: 10, from: position) else {
            position = input.byteCount
            if input.byteCount > Self.maximumLineLength {
                position = 0
                return .failure(.tooBigInlineRequest)
            }
            return .incomplete
        }
        position = 0
        var end = newline
        if end > 0, input[end - 1] == 13 { end -= 1 }
        let line = input.extracting(0..<end)
        guard splitPlain(line) || splitQuoted(line) else { return .failure(.unbalancedQuotes) }
        return arguments.count == 0 ? .nothing(length: newline + 1) : .request(length: newline + 1)
    }

    /// Splits a line at blanks, as ``QuotedLine`` would; `false`, with nothing done, when it contains quotes.
    private mutating func splitPlain(_ line: RawSpan) -> Bool {
        if line.firstIndex(of: UInt8(ascii: "\"")) != nil || line.firstIndex(of: UInt8(ascii: "'")) != nil {
            return false
        }
        var index = 0
        while index < line.byteCount {
            if line[index].isSpace {
                index += 1
                continue
            }
            if line[index] == 0 { break }
            let start = index
            while index < line.byteCount, !Self.endsWord(line[index]) { index += 1 }
            arguments.append(ArgumentRange(offset: start, length: index - start))
        }
        return true
    }

    /// Vertical tabs and form feeds only separate words that other blanks have ended, as in Redis' `sdssplitargs`.
    private static func endsWord(_ byte: UInt8) -> Bool {
        byte == 32 || byte == 13 || byte == 10 || byte == 9 || byte == 0
    }

    private mutating func splitQuoted(_ line: RawSpan) -> Bool {
        usesUnescaped = true
        var splitter = QuotedLine(line)
        while true {
            let start = unescaped.count
            switch splitter.next(into: &unescaped) {
            case .word:
                // `""` is no argument in an inline request, as in Redis 2.8.
                if unescaped.count > start {
                    arguments.append(ArgumentRange(offset: start, length: unescaped.count - start))
                }
            case .end: return true
            case .unbalanced: return false
            }
        }
    }

    private mutating func dropUnescaped() {
        unescaped.release()
        usesUnescaped = false
    }
}

/// A length of one to three digits with the line's end, read in one go: nearly every length of nearly every request.
/// What
/// this does not recognise is read, and judged, byte by byte.
private struct ShortLength {
    let value: Int
    /// Bytes of the digits and the `\r\n` together.
    let width: Int

    @inline(__always)
    init?(_ input: RawSpan, at offset: Int) {
        guard let word = input.word(at: offset) else { return nil }
        let first = word & 0xff &- 48
        guard first <= 9 else { return nil }
        if word >> 8 & 0xff == 13 {
            value = Int(first)
            width = 3
            return
        }
        // A zero in front is not canonical.
        let second = word >> 8 & 0xff &- 48
        guard first > 0, second <= 9 else { return nil }
        if word >> 16 & 0xff == 13 {
            value = Int(first &* 10 &+ second)
            width = 4
            return
        }
        let third = word >> 16 & 0xff &- 48
        guard third <= 9, word >> 24 & 0xff == 13 else { return nil }
        value = Int(first &* 100 &+ second &* 10 &+ third)
        width = 5
    }
}
