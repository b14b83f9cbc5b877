import Foundation
import Testing

/// A damaged file or payload of `Tests/Fixtures/corrupt`.
struct Fixture: Decodable, CustomTestStringConvertible {
    enum Expectation: String, Decodable {
        case load, refuse, restore, error, either
    }

    let name: String
    let expect: Expectation
    /// How many keys the file has, where that is sure.
    let keys: Int?
    private let data: String?
    private let payload: String?

    var bytes: [UInt8] { [UInt8](Data(base64Encoded: data ?? payload ?? "") ?? Data()) }
    var testDescription: String { name }

    /// All of a file.
    static func all(_ file: String) throws -> [Fixture] {
        let url = folder.appendingPathComponent("corrupt/\(file).jsonl")
        let decoder = JSONDecoder()
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
            try decoder.decode(Fixture.self, from: Data($0.utf8))
        }
    }

    /// `Tests/Fixtures`, or another folder like it that the environment's `FIXTURES` names.
    static let folder =
        ProcessInfo.processInfo.environment["FIXTURES"].map { URL(fileURLWithPath: $0) }
        ?? (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        .appendingPathComponent("Fixtures")
}
