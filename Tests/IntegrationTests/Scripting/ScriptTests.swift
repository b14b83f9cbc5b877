import Foundation
import Testing

extension IntegrationTests {
    /// Scripts in Lua.
    @Suite struct ScriptTests {}
}

/// A script with what is given to it, for servers that must answer alike.
struct ScriptCase: Sendable, CustomTestStringConvertible {
    let script: String
    /// Number of keys, keys, arguments.
    let arguments: [String]

    init(_ script: String, _ arguments: String...) {
        self.script = script
        self.arguments = arguments.isEmpty ? ["0"] : arguments
    }

    static let nothing = ScriptCase("return {'this is', 'asked', 'of nobody'}")

    /// Whether Redis 2.8.17 loses its memory over it.
    var endsRedis2_8: Bool {
        script.hasPrefix("return cmsgpack.unpack((") || script == #"return cmsgpack.unpack('\219\255\255\255\255')"#
    }

    var words: [Bytes] { [Bytes(text: "EVAL"), Bytes(text: script)] + arguments.map { Bytes(text: $0) } }

    var testDescription: String { script }
}

extension Connection {
    /// The reply to a script without keys.
    @discardableResult
    func eval(_ script: String, _ arguments: any CommandArgument...) throws -> Reply {
        try call(["EVAL".argumentBytes, script.argumentBytes, "0".argumentBytes] + arguments.map(\.argumentBytes))
    }

    /// Begins with nothing left of what was before.
    func forgetEverything() throws {
        try call("FLUSHALL")
        try call("SCRIPT", "FLUSH")
    }
}
