import Foundation
import LiveServer

/// How fast slots move between two instances of our server, and what a client that has nothing to do with it notices.
struct MigrationContest {
    let server: Contestant
    let rounds: Int
    /// In all; spread evenly over the slots.
    let keys: Int

    static let callers = 16
    private static let firstSlot = 100
    private static let bystanderSlot = 900

    func run() throws -> [Row] {
        progress("migration: finding names")
        let oneSlot = KeyName.numbered(count: keys, inEach: Self.firstSlot..<Self.firstSlot + 1)
        let manySlots = KeyName.numbered(
            count: keys / Self.callers, inEach: Self.firstSlot..<Self.firstSlot + Self.callers)
        let bystander = KeyName.numbered(count: 1000, inEach: Self.bystanderSlot..<Self.bystanderSlot + 1)[0]

        var alone: [Double] = [], together: [Double] = [], quiet: [Delays] = [], busy: [Delays] = []
        for round in 1...rounds {
            progress("migration, round \(round) of \(rounds): one caller")
            alone.append(try move(oneSlot, bystander) { _, migrate in try migrate() })

            progress("migration, round \(round) of \(rounds): \(Self.callers) callers")
            together.append(
                try move(manySlots, bystander) { source, migrate in
                    let before = try Bystander(port: source.port, keys: bystander)
                    usleep(1_000_000)
                    quiet.append(try before.stop())
                    let during = try Bystander(port: source.port, keys: bystander)
                    let rate = try migrate()
                    busy.append(try during.stop())
                    return rate
                })
        }
        return [
            row(.migrationRate, "one caller, one slot", alone, goal: .atLeast(bound: 12_000)),
            row(
                .migrationRate, "\(Self.callers) callers, \(Self.callers) slots", together,
                goal: .atLeast(bound: 60_000)),
            row(.bystanderDelay, "99th percentile before", quiet.map(\.percentile99)),
            row(.bystanderDelay, "99th percentile", busy.map(\.percentile99), goal: .atMost(bound: 2)),
            row(.bystanderDelay, "longest before", quiet.map(\.longest)),
            row(.bystanderDelay, "longest", busy.map(\.longest)),
        ]
    }

    private func row(_ measure: Measure, _ subject: String, _ rounds: [Double], goal: Goal? = nil) -> Row {
        Row(measure, subject, ours: Samples(server: server.name, rounds: rounds), goal: goal)
    }

    /// Fills a new source, lets `body` do the migration to a new target, and checks that nothing is lost.
    ///
    /// - Parameters:
    ///   - moving: names of keys that go, slot by slot.
    ///   - staying: names of keys in another slot.
    ///   - body: gets the source and the migration itself, which returns keys a second.
    private func move(
        _ moving: [[String]], _ staying: [String],
        _ body: (_ source: ServerProcess, _ migrate: () throws -> Double) throws -> Double
    ) throws -> Double {
        let source = try ServerProcess(executable: server.executable)
        defer { source.stop() }
        let target = try ServerProcess(executable: server.executable)
        defer { target.stop() }

        let connection = try source.connect()
        for names in moving + [staying] {
            try connection.load(names.indices) { ["SET", names[$0], "value:0123456789"] }
        }
        let rate = try body(source) {
            let slots = Self.firstSlot..<Self.firstSlot + moving.count
            return try SlotMigration(source: source.port, target: target.port, slots: Array(slots)).run()
        }
        let expected = moving.reduce(0) { $0 + $1.count }
        let arrived = try target.connect().call("DBSIZE").integer
        let left = try connection.call("DBSIZE").integer
        guard arrived == expected, left == staying.count else {
            throw ServerFailure(
                "of \(expected) keys \(arrived ?? -1) arrived; \(left ?? -1) instead of \(staying.count) stayed")
        }
        return rate
    }
}
