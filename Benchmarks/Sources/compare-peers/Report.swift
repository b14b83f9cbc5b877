import Foundation

/// All that a run found, with what is needed to understand it later.
struct Report: Codable {
    let date: Date
    /// Processor, number of cores and kernel.
    let machine: String
    let rows: [Row]
    /// What could not be measured, and why.
    let omissions: [String]

    init(rows: [Row], omissions: [String]) {
        date = Date()
        machine = Self.describeMachine()
        self.rows = rows
        self.omissions = omissions
    }

    var missedGoals: Int { rows.count { $0.isMet == false } }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }

    /// A table for each measure, then the omissions and the count of goals.
    func text() -> String {
        var text = "\(machine), \(date.formatted(.iso8601))\n"
        for measure in Measure.allCases {
            let rows = rows.filter { $0.measure == measure }
            // Some peers lack some commands.
            guard let fullest = rows.max(by: { $0.peers.count < $1.peers.count }) else { continue }
            let peers = fullest.peers.map(\.server)
            var table = TextTable(header: [measure.title, fullest.ours.server] + peers)
            if !peers.isEmpty { table.header.append("ratio") }
            table.header += ["goal", ""]
            for row in rows {
                var line = [row.subject]
                let samples = [row.ours] + peers.map { peer in row.peers.first { $0.server == peer } }
                line += samples.map { $0.map { grouped($0.median, fractionDigits: measure.fractionDigits) } ?? "-" }
                if !peers.isEmpty { line.append(row.ratio.map { grouped($0, fractionDigits: 2) + " x" } ?? "-") }
                line += [row.goal?.text ?? "", row.isMet.map { $0 ? "met" : "MISSED" } ?? ""]
                table.rows.append(line)
            }
            text += "\n" + table.text()
            for row in rows {
                if let note = row.note { text += "  \(row.subject): \(note)\n" }
            }
        }
        for omission in omissions { text += "\nnot measured: \(omission)\n" }
        let goals = rows.count { $0.goal != nil }
        return text + "\n\(goals - missedGoals) of \(goals) goals met\n"
    }

    private static func describeMachine() -> String {
        let description = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = description.split(whereSeparator: \.isNewline).first { $0.hasPrefix("model name") }
        let model = line?.split(separator: ": ", maxSplits: 1).last ?? "unknown processor"
        let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? "unknown"
        return "\(model), \(ProcessInfo.processInfo.activeProcessorCount) cores, Linux "
            + kernel.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// The number with commas between the thousands.
func grouped(_ value: Double, fractionDigits: Int) -> String {
    value.formatted(
        .number.locale(Locale(identifier: "en_US")).precision(.fractionLength(fractionDigits)))
}
