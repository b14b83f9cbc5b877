import ArgumentParser
import Foundation
import LiveServer

@main
struct ComparePeers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare-peers",
        abstract: "Measures codis-server side by side with every Redis that is installed.",
        discussion: """
            Run it from the folder Benchmarks on an otherwise quiet machine. Peers are redis-server on PATH and what \
            Scripts/install-peers.sh brought; redis-benchmark must be on PATH. Figures are medians of the rounds.
            """)

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case requests, scripts, memory, migration, snapshot, replication
        case asyncMigration = "async-migration"
    }

    @Option(help: "Our server.")
    var server = "../.build/release/codis-server"

    @Option(help: "The folder of the installed peers.")
    var peers = "../.peers"

    @Option(help: "What to measure; may be repeated. Everything by default.")
    var part: [Part] = []

    @Option(help: "How often everything is measured.")
    var rounds = 3

    @Option(help: "How long redis-benchmark runs for one figure, in seconds.")
    var seconds = 2.0

    @Option(help: "Tests of redis-benchmark.")
    var tests = RequestTest.all.joined(separator: ",")

    @Option(help: "Numbers of requests that each of the 50 clients has in flight; most tests run with 16 alone.")
    var pipelines = "1,16,100"

    @Option(help: "How many keys the servers hold.")
    var keys = 1_000_000

    @Option(help: "How many keys migrate in one round.")
    var migratedKeys = 200_000

    @Option(help: "How many keys a snapshot has.")
    var snapshotKeys = 5_000_000
    @Option(help: "How many keys a master has for its replica.")
    var replicatedKeys = 2_000_000

    @Option(help: "How many elements a large value has that migrates.")
    var elements = 5_000_000

    @Option(help: "A file for all figures, in JSON.")
    var json: String?

    @Option(help: "A file for a bar chart of the ratios, in SVG.")
    var chart: String?

    @Flag(help: "Fail when a goal is missed.")
    var requireGoals = false

    func validate() throws {
        guard rounds > 0, seconds > 0, keys > 0, snapshotKeys > 0, migratedKeys >= MigrationContest.callers else {
            throw ValidationError("--rounds, --seconds, --keys and --migrated-keys must be above zero.")
        }
        guard !inFlight.isEmpty, inFlight.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("--pipelines takes numbers above zero, such as 1,16.")
        }
    }

    func run() throws {
        RunningProcesses.killAllWhenInterrupted()
        let contestants = try Contestant.all(ours: URL(filePath: server), peers: URL(filePath: peers))
        var rows: [Row] = []
        var omissions: [String] = []
        for part in part.isEmpty ? Part.allCases : part {
            do {
                rows += try measure(part, contestants)
            } catch let failure as ServerFailure {
                omissions.append("\(part.rawValue): \(failure)")
            }
        }
        let report = Report(rows: rows, omissions: omissions)
        print(report.text(), terminator: "")
        if let json { try report.json().write(to: URL(filePath: json)) }
        if let chart { try Data(RatioChart(rows: rows).svg().utf8).write(to: URL(filePath: chart)) }
        if requireGoals && (report.missedGoals > 0 || !omissions.isEmpty) { throw ExitCode.failure }
    }

    private func measure(_ part: Part, _ contestants: [Contestant]) throws -> [Row] {
        switch part {
        case .requests:
            try RequestContest(
                contestants: contestants,
                tests: tests.lowercased().split(separator: ",").map { RequestTest(name: String($0)) },
                pipelines: inFlight, rounds: rounds, seconds: seconds, keys: keys
            ).run()
        case .scripts:
            try ScriptContest(contestants: contestants, rounds: rounds, seconds: seconds).run()
        case .memory:
            try MemoryContest(contestants: contestants, keys: keys).run()
        case .migration:
            try MigrationContest(server: contestants[0], rounds: rounds, keys: migratedKeys).run()
        case .snapshot:
            try SnapshotContest(contestants: contestants, rounds: rounds, keys: snapshotKeys).run()
        case .asyncMigration:
            try AsyncMigrationContest(server: contestants[0], rounds: rounds, keys: keys, elements: elements).run()
        case .replication:
            try ReplicationContest(
                contestants: contestants, rounds: rounds, seconds: seconds, keys: replicatedKeys
            ).run()
        }
    }

    /// What is no number becomes zero, which `validate` refuses.
    private var inFlight: [Int] { pipelines.split(separator: ",").map { Int($0) ?? 0 } }
}

/// Tells the person at the terminal what is going on, apart from the report.
func progress(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
}
