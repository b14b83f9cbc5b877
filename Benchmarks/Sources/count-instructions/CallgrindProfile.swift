import Foundation
import LiveServer

/// Instructions and calls of each function, read from a file that callgrind wrote.
///
/// Functions of the same name count as one. Callgrind follows tail calls and looks through the linkage table, so a
/// call is counted at the function it reaches.
struct CallgrindProfile {
    /// Instructions executed in the function itself.
    private(set) var instructions: [String: Int] = [:]
    private(set) var calls: [String: Int] = [:]

    var totalInstructions: Int { instructions.values.reduce(0, +) }

    init(contentsOf file: URL) throws {
        var names: [Substring: String] = [:]
        var function = "", callee = ""
        var nextCostIsOfACall = false
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("fn=") {
                function = Self.name(line.dropFirst(3), &names)
            } else if line.hasPrefix("cfn=") {
                callee = Self.name(line.dropFirst(4), &names)
            } else if line.hasPrefix("calls=") {
                guard let count = line.dropFirst(6).prefix(while: { $0 != " " }).wholeNumber else {
                    throw ServerFailure("callgrind wrote a line that is not understood: \(line)")
                }
                calls[callee, default: 0] += count
                nextCostIsOfACall = true
            } else if let first = line.first, first.isNumber || "+-*".contains(first) {
                // "position cost"; after "calls=" the cost is the callee's, which has lines of its own
                if !nextCostIsOfACall, let cost = line.split(separator: " ").last?.wholeNumber {
                    instructions[function, default: 0] += cost
                }
                nextCostIsOfACall = false
            }
        }
    }

    private init() {}

    /// What this profile has more than `shorter`.
    func difference(to shorter: CallgrindProfile) -> CallgrindProfile {
        var difference = CallgrindProfile()
        difference.instructions = instructions.merging(shorter.instructions.mapValues(-), uniquingKeysWith: +)
        difference.calls = calls.merging(shorter.calls.mapValues(-), uniquingKeysWith: +)
        return difference
    }

    /// Calls of all functions whose name the condition accepts.
    func calls(where condition: (String) -> Bool) -> Int {
        calls.reduce(0) { condition($1.key) ? $0 + $1.value : $0 }
    }

    /// A name stands in full, `(12) dictFind`, where it comes first, and later only as its number, `(12)`.
    private static func name(_ text: Substring, _ names: inout [Substring: String]) -> String {
        guard let end = text.firstIndex(of: ")") else { return String(text) }
        let number = text[...end]
        let name = text[text.index(after: end)...].drop { $0 == " " }
        if !name.isEmpty { names[number] = String(name) }
        return names[number] ?? String(number)
    }
}

extension Substring {
    fileprivate var wholeNumber: Int? { Int(self) }
}
