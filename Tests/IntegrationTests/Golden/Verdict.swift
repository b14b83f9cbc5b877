import Foundation

/// What came of playing a recording.
struct Verdict {
    struct Failure: CustomStringConvertible {
        var line: Int
        var description: String
    }

    var passed = 0
    var failures: [Failure] = []
}

extension Verdict: CustomStringConvertible {
    /// The first failures in full, and the lines of all.
    var description: String {
        let lines = failures.map { String($0.line) }.joined(separator: " ")
        let first = failures.prefix(20).map(\.description).joined(separator: "\n")
        return "\(passed) passed, \(failures.count) failed: lines \(lines)\n\(first)"
    }
}

extension Recording {
    /// Plays all steps against running servers and judges each.
    /// - Parameters:
    ///   - quirks: the steps of this recording at which something else than the recorded reply is right.
    ///   - names: what more placeholders stand for.
    ///   - continuation: what happens then, and which steps follow.
    func play(
        on addresses: [String: Address], quirks: [MendedQuirk] = [], names: [String: String] = [:],
        then continuation: () throws -> [Step] = { [] }
    ) throws -> Verdict {
        let playback = try Playback(header, addresses: addresses, names: names)
        try playback.prepare()
        var verdict = Verdict()
        if try play(mended(quirks), playback, &verdict) {
            _ = try play(continuation(), playback, &verdict)
        }
        try playback.finish()
        return verdict
    }

    /// The steps as they are right.
    private func mended(_ quirks: [MendedQuirk]) -> [Step] {
        let byLine = Dictionary(quirks.map { ($0.line, $0) }) { $1 }
        return steps.flatMap { step -> [Step] in
            guard let quirk = byLine[step.line] else { return [step] }
            var step = step
            if let instead = quirk.instead {
                return instead.map { other in
                    var other = other
                    other.line = step.line
                    return other
                }
            }
            step.expect = quirk.expect
            step.differs = nil
            step.match = nil
            return [step]
        }
    }

    /// Plays steps. `false` when a connection was lost, and the others could not be played.
    private func play(_ steps: [Step], _ playback: Playback, _ verdict: inout Verdict) throws -> Bool {
        for (index, step) in steps.enumerated() {
            do {
                let outcome = try playback.perform(step)
                guard step.isChecked else { continue }
                if let why = try step.mismatch(outcome, playback.names) {
                    verdict.failures.append(failure(step, why, outcome, playback.names))
                } else {
                    verdict.passed += 1
                }
            } catch let error as ConnectionFailure {
                let missing = steps[(index + 1)...].count(where: \.isChecked)
                let text = "lost the connection: \(error); the \(missing) steps after it were not run"
                verdict.failures.append(.init(line: step.line, description: describe(step, text)))
                return false
            } catch {
                verdict.failures.append(.init(line: step.line, description: describe(step, "cannot judge: \(error)")))
            }
        }
        return true
    }

    private func failure(
        _ step: Step, _ why: String, _ outcome: Playback.Outcome, _ names: [String: String]
    ) -> Verdict.Failure {
        let expected = step.expectation?.description(names) ?? "nothing"
        let note = step.note.map { "\n  note: \($0)" } ?? ""
        let text = "\(why)\n  expected: \(expected)\n  got: \(outcome)\(note)"
        return .init(line: step.line, description: describe(step, text))
    }

    private func describe(_ step: Step, _ text: String) -> String {
        "\(name):\(step.line) \(step.summary)\n  \(text)"
    }
}

extension Recording.Step {
    /// Why the outcome is not the recorded one; nil when it is.
    func mismatch(_ outcome: Playback.Outcome, _ names: [String: String]) throws -> String? {
        switch (operation, outcome) {
        case (.noreply, .nothing): return nil
        case (.noreply, _): return "a reply where none should come yet"
        case (.eof, .replies(let got)):
            let want = try expect?.reply(names).items ?? []
            return got == want ? nil : "other replies before the end"
        case (.scan, .items(let got)):
            let want = try expect?.reply(names).items ?? []
            return got == want.compactMap(\.bytes).sorted { $0.precedes($1) } ? nil : "not the same items"
        case (.scan, _): return "not the same items"
        case (_, .reply(let got)):
            guard let expectation else { throw BadRecording("a step without an expected reply") }
            return try expectation.mismatch(got, names, step: (match, range))
        default: throw BadRecording("a step without an outcome")
        }
    }
}

extension Playback.Outcome: CustomStringConvertible {
    var description: String {
        switch self {
        case .nothing: "nothing"
        case .reply(let reply): reply.description
        case .replies(let replies): Reply.array(replies).description
        case .items(let items): Reply.array(items.map { .bulk($0) }).description
        }
    }
}
