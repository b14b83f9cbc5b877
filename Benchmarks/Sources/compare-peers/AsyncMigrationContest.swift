import Foundation
import LiveServer

/// How fast slots move asynchronously between two instances of our server, and what others notice: in a move of many
/// small keys as a Codis dashboard makes it, and in moves of single large values.
struct AsyncMigrationContest {
    let server: Contestant
    let rounds: Int
    /// Small keys, spread evenly over the slots.
    let keys: Int
    /// Elements of a large value.
    let elements: Int

    private static let slots = 64
    private static let bystanderSlot = 900
    private static let clients = 50

    func run() throws -> [Row] {
        progress("asynchronous migration: finding names")
        let names = KeyName.numbered(count: keys / Self.slots, inEach: 0..<Self.slots)
        let others = KeyName.numbered(count: 1000, inEach: Self.bystanderSlot..<Self.bystanderSlot + 1)[0]
        var idle: [Double] = [], loaded: [Double] = [], crowd: [Delays] = []
        for round in 1...rounds {
            progress("asynchronous migration, round \(round) of \(rounds): idle")
            idle.append(try move(names, others) { _, migrate in try migrate() })
            progress("asynchronous migration, round \(round) of \(rounds): \(Self.clients) clients")
            loaded.append(
                try move(names, others) { source, migrate in
                    let clients = try ClientCrowd(port: source.port, clients: Self.clients, keys: others)
                    let rate = try migrate()
                    crowd.append(try clients.stop())
                    return rate
                })
        }
        var rows = [
            row(.asyncMigrationRate, "small keys, idle", idle, goal: .atLeast(bound: 250_000)),
            row(.asyncMigrationRate, "small keys, \(Self.clients) clients", loaded, goal: .atLeast(bound: 100_000)),
            row(
                .bystanderDelay, "\(Self.clients) clients, 99th percentile", crowd.map(\.percentile99),
                goal: .atMost(bound: 3)),
        ]
        for value in LargeValue.allCases { rows += try measure(value, others, command: "SLOTSMGRTONE-ASYNC") }
        rows += try measure(.hash, others, command: "SLOTSMGRTONE")
        return rows
    }

    private func row(_ measure: Measure, _ subject: String, _ rounds: [Double], goal: Goal? = nil) -> Row {
        Row(measure, subject, ours: Samples(server: server.name, rounds: rounds), goal: goal)
    }

    // MARK: Small keys

    private func move(
        _ moving: [[String]], _ staying: [String],
        _ body: (_ source: ServerProcess, _ migrate: () throws -> Double) throws -> Double
    ) throws -> Double {
        try withServers { source, target in
            let connection = try source.connect()
            for names in moving + [staying] {
                try connection.load(names.indices) { ["SET", names[$0], "value:0123456789"] }
            }
            let rate = try body(source) { try moveSlots(connection, to: target) }
            let expected = moving.reduce(0) { $0 + $1.count }
            guard try target.connect().call("DBSIZE").integer == expected,
                try connection.call("DBSIZE").integer == staying.count
            else { throw ServerFailure("not all of \(expected) keys have moved") }
            return rate
        }
    }

    /// Empties slot after slot as the dashboard of Codis 3.2 does, and answers keys a second.
    private func moveSlots(_ source: Connection, to target: ServerProcess) throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        var moved = 0
        for slot in 0..<Self.slots {
            while true {
                let reply = try source.call(
                    "SLOTSMGRTTAGSLOT-ASYNC", "127.0.0.1", "\(target.port)", "5000", "200", "33554432", "\(slot)", "500"
                )
                guard let numbers = reply.elements?.compactMap(\.integer), numbers.count == 2 else {
                    throw ServerFailure("SLOTSMGRTTAGSLOT-ASYNC was answered by \(reply)")
                }
                moved += numbers[0]
                if numbers[1] == 0 { break }
            }
        }
        return Double(moved) / ((clock.now - start) / .seconds(1))
    }

    // MARK: Large values

    enum LargeValue: String, CaseIterable {
        case hash, list, set, sortedSet = "sorted set"
    }

    private func measure(_ value: LargeValue, _ others: [String], command: String) throws -> [Row] {
        progress("\(command) of a \(value.rawValue) of \(elements) elements")
        var source: [Delays] = [], target: [Delays] = [], rates: [Double] = []
        for _ in 0..<rounds {
            _ = try withServers { from, to in
                let connection = try from.connect()
                try load(value, connection)
                for server in [from, to] {
                    let connection = try server.connect()
                    try connection.load(others.indices) { ["SET", others[$0], "value"] }
                }
                let bystanders = try [from, to].map { try Bystander(port: $0.port, keys: others) }
                let clock = ContinuousClock()
                let start = clock.now
                let limits = command == "SLOTSMGRTONE" ? [] : ["200", "33554432"]
                let reply = try connection.call([command, "127.0.0.1", "\(to.port)", "60000"] + limits + ["large"])
                guard reply.integer == 1 else { throw ServerFailure("\(command) was answered by \(reply)") }
                rates.append(Double(elements) / ((clock.now - start) / .seconds(1)))
                // What is freed afterwards counts, too.
                usleep(500_000)
                source.append(try bystanders[0].stop())
                target.append(try bystanders[1].stop())
                return 0
            }
        }
        let subject = "\(value.rawValue), \(command)"
        return [
            row(.elementRate, subject, rates),
            row(
                .bystanderDelay, "\(subject): source, 99th percentile", source.map(\.percentile99),
                goal: .atMost(bound: 2)),
            row(.bystanderDelay, "\(subject): source, longest", source.map(\.longest), goal: .atMost(bound: 10)),
            row(
                .bystanderDelay, "\(subject): target, 99th percentile", target.map(\.percentile99),
                goal: .atMost(bound: 2)),
            row(.bystanderDelay, "\(subject): target, longest", target.map(\.longest), goal: .atMost(bound: 10)),
        ]
    }

    private func load(_ value: LargeValue, _ connection: Connection) throws {
        let perCommand = 500
        try connection.load(0..<elements / perCommand) { number in
            let members = (number * perCommand..<(number + 1) * perCommand).map { "member:\($0)" }
            switch value {
            case .hash: return ["HMSET", "large"] + members.flatMap { [$0, "value:0123456789"] }
            case .list: return ["RPUSH", "large"] + members
            case .set: return ["SADD", "large"] + members
            case .sortedSet:
                return ["ZADD", "large"]
                    + members.enumerated().flatMap { ["\(($0.offset * 7919 + number) % 100_003)", $0.element] }
            }
        }
    }

    private func withServers<Value>(_ body: (_ source: ServerProcess, _ target: ServerProcess) throws -> Value) throws
        -> Value
    {
        let source = try ServerProcess(executable: server.executable)
        defer { source.stop() }
        let target = try ServerProcess(executable: server.executable)
        defer { target.stop() }
        return try body(source, target)
    }
}
