import Memory
import RESP
import SlotStorage

/// Why an append-only file cannot be read to its end, and at which byte.
struct AppendOnlyFileError: Error {
    /// Bytes from the start of the file.
    let offset: Int
    let cause: Cause

    enum Cause {
        case system(SystemError)
        case preamble(RDBFileError)
        /// The file ends within a command or a transaction.
        case truncated
        case malformed(RecordedRequestParser.Cause)
        case nestedMulti
        case execWithoutMulti
        case unknownCommand([UInt8])
        case argumentCount(StaticString)
        /// A command that no server writes into such a file, such as SHUTDOWN.
        case misplacedCommand(StaticString)
        /// The reply to a command that should have succeeded, as it did when it was written.
        case failedCommand(StaticString, reply: [UInt8])
    }

    var description: String {
        switch cause {
        case .system(let error): error.description
        case .preamble(let error): "the RDB file at its front: \(error)"
        case .truncated: "the file ends within a command or a transaction (see aof-load-truncated)"
        case .malformed(let cause): cause.description
        case .nestedMulti: "MULTI within MULTI"
        case .execWithoutMulti: "EXEC without MULTI"
        case .unknownCommand(let name): "unknown command '\(Self.oneLine(name.prefix(64)))'"
        case .argumentCount(let name): "wrong number of arguments for '\(name)'"
        case .misplacedCommand(let name): "the command '\(name)', which has no place in an append-only file"
        case .failedCommand(let name, let reply): "the command '\(name)' fails: \(Self.oneLine(reply))"
        }
    }

    private static func oneLine(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 32 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}

extension RecordedRequestParser.Cause {
    var description: String {
        switch self {
        case .expectedArray(let byte): "'*' expected where a command begins, found \(Self.describe(byte))"
        case .argumentCount: "the number of arguments is not a number from 1 to 1048576 and a line end"
        case .expectedBulk(let byte): "'$' expected where an argument begins, found \(Self.describe(byte))"
        case .argumentLength: "the length of an argument is not a number from 0 to 536870912 and a line end"
        case .missingLineEnd: "no line end behind an argument"
        case .tooLong: "a command of more than 4 GiB"
        case .annotation: "an annotation that does not end"
        }
    }

    private static func describe(_ byte: UInt8) -> String {
        if byte > 32, byte < 127 { return "'\(Character(UnicodeScalar(byte)))'" }
        let digits = String(byte, radix: 16)
        return "byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
    }
}
