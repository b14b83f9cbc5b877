internal import Memory

/// Finds requests among those that a server has recorded: multibulk only, and every byte as the protocol has it.
///
/// Where ``RequestParser`` is lenient with clients, as Redis is, a file has nobody who would see an error later: the
/// first odd byte is reported, with its place. Limits are those for clients, so that whatever a client could send can
/// be read again.
public struct RecordedRequestParser: ~Copyable {
    public enum Outcome: Equatable {
        /// The input ends within a request.
        case incomplete
        /// A request of `length` bytes lies at the front of the input.
        case request(length: Int)
        /// An annotation of `length` bytes lies there, a line that begins with `#` and says nothing of the data: Redis
        /// 7 can note the time so.
        case annotation(length: Int)
        case failure(Failure)
    }

    /// What is wrong, and where.
    public struct Failure: Error, Equatable {
        /// Bytes from the front of the input.
        public let offset: Int
        public let cause: Cause
    }

    public enum Cause: Equatable, Sendable {
        /// The byte that stood where `*` was expected.
        case expectedArray(got: UInt8)
        case argumentCount
        /// The byte that stood where `$` was expected.
        case expectedBulk(got: UInt8)
        case argumentLength
        /// No `\r\n` behind an argument.
        case missingLineEnd
        /// More than the 4 GiB that a request can have.
        case tooLong
        /// An annotation that does not end.
        case annotation
    }

    private static let maximumRequestLength = Int(UInt32.max)
    /// As in Redis 7.
    private static let maximumAnnotationLength = 1024

    private var arguments = ArgumentList()

    public init() {}

    /// Looks for one request at the front of `input`. After `incomplete` it starts anew.
    public mutating func parse(_ input: RawSpan) -> Outcome {
        arguments.removeAll()
        guard input.byteCount > 0 else { return .incomplete }
        var position = 0
        do throws(Interruption) {
            switch input[0] {
            case UInt8(ascii: "*"): break
            case UInt8(ascii: "#"): return try annotation(input)
            default: throw .failure(0, .expectedArray(got: input[0]))
            }
            let limit = RequestParser.maximumArguments
            let count = try Self.number(input, &position, from: 1, to: limit, else: .argumentCount)
            for _ in 0..<count { try readArgument(input, &position) }
            return .request(length: position)
        } catch {
            switch error {
            case .end: return .incomplete
            case .failure(let offset, let cause): return .failure(Failure(offset: offset, cause: cause))
            }
        }
    }

    /// The request that the last call of ``parse(_:)`` found at the front of `input`.
    @_lifetime(borrow self, copy input)
    public func request(in input: RawSpan) -> Request { Request(input: input, ranges: arguments.ranges) }

    /// Why a request was not read to its end.
    private enum Interruption: Error {
        case end
        case failure(Int, Cause)
    }

    private mutating func readArgument(_ input: RawSpan, _ position: inout Int) throws(Interruption) {
        guard position < input.byteCount else { throw .end }
        guard input[position] == UInt8(ascii: "$") else {
            throw .failure(position, .expectedBulk(got: input[position]))
        }
        let limit = RequestParser.maximumBulkLength
        let length = try Self.number(input, &position, from: 0, to: limit, else: .argumentLength)
        guard position + length <= Self.maximumRequestLength else { throw .failure(position, .tooLong) }
        guard position + length <= input.byteCount else { throw .end }
        arguments.append(ArgumentRange(offset: position, length: length))
        position += length
        try Self.lineEnd(input, &position, else: .missingLineEnd)
    }

    /// Reads a number behind the byte at `position`, and moves behind its line.
    private static func number(
        _ input: RawSpan, _ position: inout Int, from least: Int64, to most: Int64, else cause: Cause
    ) throws(Interruption) -> Int {
        let start = position + 1
        var end = start
        while end < input.byteCount, input[end] &- 48 <= 9 {
            end += 1
            if end - start > most.decimalWidth { throw .failure(start, cause) }
        }
        if end == input.byteCount { throw .end }
        guard let value = Int64(canonical: input.extracting(start..<end)), value >= least, value <= most else {
            throw .failure(start, cause)
        }
        try lineEnd(input, &end, else: cause)
        position = end
        return Int(value)
    }

    private static func lineEnd(_ input: RawSpan, _ position: inout Int, else cause: Cause) throws(Interruption) {
        for byte: UInt8 in [13, 10] {
            guard position < input.byteCount else { throw .end }
            guard input[position] == byte else { throw .failure(position, cause) }
            position += 1
        }
    }

    private func annotation(_ input: RawSpan) throws(Interruption) -> Outcome {
        let line = input.extracting(0..<min(input.byteCount, Self.maximumAnnotationLength))
        if let end = line.firstIndex(of: 10) { return .annotation(length: end + 1) }
        guard input.byteCount < Self.maximumAnnotationLength else { throw .failure(0, .annotation) }
        throw .end
    }
}
