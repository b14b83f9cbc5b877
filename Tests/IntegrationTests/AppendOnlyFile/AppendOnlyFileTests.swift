import Foundation
import Testing

extension IntegrationTests {
    /// The file that changes are appended to: written, read, checked, and what becomes of it when something fails.
    @Suite struct AppendOnlyFileTests {}
}

/// Append-only files of other servers, and damaged ones.
enum RecordedFiles {
    static let folder = Package.root.appendingPathComponent("Tests/Fixtures/aof")

    /// Commands that a small file may have: two databases, a transaction, an expiry, bytes of any kind.
    static let small: [[String]] = [
        ["SELECT", "0"], ["SET", "a", "1"], ["RPUSH", "l", "x", "y", "z"], ["SET", "b", "22"], ["HSET", "h", "f", "v"],
        ["MULTI"], ["SET", "m1", "1"], ["SET", "m2", "2"], ["EXEC"], ["PEXPIREAT", "a", "4102444800000"],
        ["SELECT", "1"], ["SADD", "s", "1", "2"], ["SET", "", "empty"], ["SET", "\0\u{1f}", "\r\n"],
    ]

    /// The small file, and the places where it may be cut without a command or transaction being cut: with the number
    /// of keys up to there.
    static var smallFile: (bytes: Bytes, ends: [(offset: Int, keys: Int)]) {
        var bytes = Bytes()
        var ends = [(offset: 0, keys: 0)]
        var keys: Set<String> = []
        var isInTransaction = false
        for words in small {
            bytes += encodeCommand(words.map(\.argumentBytes))
            if words == ["MULTI"] { isInTransaction = true }
            if words == ["EXEC"] { isInTransaction = false }
            if words.count > 2 { keys.insert(words[1]) }
            if !isInTransaction { ends.append((bytes.count, keys.count)) }
        }
        return (bytes, ends)
    }

    /// Whole files that are wrong in one way or another, with what is to become of them.
    struct Odd: Decodable, Sendable, CustomStringConvertible {
        enum Expectation: String, Decodable {
            case load, refuse, either
        }

        var name: String
        var expect: Expectation
        var settings: [String: String]
        var data: String

        var description: String { name }

        static func all() throws -> [Odd] {
            let text = try String(contentsOf: folder.appendingPathComponent("odd.jsonl"), encoding: .utf8)
            return try text.split(separator: "\n").map { try JSONDecoder().decode(Odd.self, from: Data($0.utf8)) }
        }
    }

    /// The parts of a file of Redis 7 in the order its manifest says, one behind the other.
    static func parts(of name: String) throws -> Bytes {
        let folder = folder.appendingPathComponent("redis-7.0.15/\(name)")
        let manifest = try String(contentsOf: folder.appendingPathComponent("appendonly.aof.manifest"), encoding: .utf8)
        return try manifest.split(separator: "\n").flatMap { line -> Bytes in
            let words = line.split(separator: " ")
            guard words.count >= 2, words[0] == "file" else { return [] }
            return Bytes(try Data(contentsOf: folder.appendingPathComponent(String(words[1]))))
        }
    }
}

extension ServerProcess {
    /// The append-only file.
    var appendOnlyFile: URL { directory.appendingPathComponent("appendonly.aof") }
}
