import Foundation
import Synchronization
import Testing
import TestSupport

extension IntegrationTests.ReplicationTests {
    /// Whatever is cut, killed and promoted while clients write: in the end all servers have the same data.
    ///
    /// `REPLICATION_ROUNDS` sets how many families of servers live through it, `REPLICATION_SEED` repeats a failure.
    @Suite struct ConvergenceTests {
        @Test("random writes, cuts, kills and promotions end in the same data everywhere")
        func convergence() throws {
            let rounds = Package.environment("REPLICATION_ROUNDS").flatMap { Int($0) } ?? 10
            let seed = Package.seed("REPLICATION_SEED")
            for round in 0..<rounds {
                let own = seed &+ UInt64(round)
                let family = try ServerFamily(seed: own)
                try family.live(events: 8)
                let failure = try family.settle()
                #expect(failure == nil, "REPLICATION_SEED=\(own) REPLICATION_ROUNDS=1: \(family.history)")
                if failure != nil { return }
            }
        }
    }
}

/// Servers that follow each other through relays, clients that write to the master of the moment, and a fate.
private final class ServerFamily {
    private var random: SeededGenerator
    private let nodes: [Node]
    /// A door to each server, which those who follow it come through.
    private let relays: [Relay]
    /// Whom each follows.
    private var masters: [Int?]
    private let route: Route
    private var writers: [Running<Void>] = []
    private(set) var history: [String] = []

    /// Where writers find the master.
    private final class Route: Sendable {
        private let port: Mutex<Int>
        private let stopped = Atomic(false)

        init(port: Int) { self.port = Mutex(port) }

        var current: Int { port.withLock { $0 } }
        var isStopped: Bool { stopped.load(ordering: .relaxed) }

        func change(to new: Int) { port.withLock { $0 = new } }
        func stop() { stopped.store(true, ordering: .relaxed) }
    }

    init(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        nodes = try (0..<3).map { _ in
            try Kind.own.start([
                "repl-timeout": ["3"], "repl-ping-slave-period": ["1"],
                "repl-backlog-size": [random.pick(["16kb", "100kb", "10mb"])],
                "appendonly": [random.pick(["yes", "no"])], "repl-diskless-sync": [random.pick(["yes", "no"])],
                "repl-diskless-sync-delay": ["0"],
            ])
        }
        relays = try nodes.map { try Relay(to: $0.process.address) }
        masters = [nil, 0, random.pick([0, 1])]
        route = Route(port: nodes[0].port)
        self.random = random
        let (route, seeds) = (route, (0..<2).map { seed &* 31 &+ UInt64($0) })
        for index in 1..<3 { try follow(index) }
        writers = seeds.map { seed in Running { Self.write(seed: seed, to: route) } }
    }

    /// Sends random commands to the master until it is told to stop. Whatever goes wrong with a connection is the
    /// fate's doing.
    private static func write(seed: UInt64, to route: Route) {
        var generator = CommandGenerator(seed: seed, now: Int(Date().timeIntervalSince1970))
        while !route.isStopped {
            let port = route.current
            guard let connection = try? Connection(to: .tcp(host: "127.0.0.1", port: port), timeout: .seconds(5)) else {
                usleep(2_000)
                continue
            }
            while !route.isStopped, route.current == port {
                guard (try? write(generator.next(), to: connection)) != nil else { break }
            }
        }
    }

    private static func write(_ unit: DifferentialUnit, to connection: Connection) throws {
        for step in unit {
            switch step {
            case .command(let words): try connection.call(words)
            case .pause(let milliseconds): usleep(UInt32(milliseconds) * 1000)
            default: break
            }
        }
    }

    // MARK: Fate

    private var master: Int { masters.firstIndex { $0 == nil } ?? 0 }

    private func follow(_ index: Int) throws {
        guard let master = masters[index] else { return }
        try nodes[index].follow(host: relays[master].host, port: relays[master].port)
    }

    /// Lets so many things happen.
    func live(events: Int) throws {
        for _ in 0..<events {
            usleep(UInt32.random(in: 20_000...150_000, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3: cut()
            case 3..<6: disturb()
            case 6: try killReplica()
            case 7: try killMaster()
            case 8: try promote()
            default: try move()
            }
        }
    }

    private func cut() {
        let index = Int.random(in: 0..<3, using: &random)
        history.append("cut \(index)")
        relays[index].cutConnections()
    }

    /// The next connection to a server will suffer.
    private func disturb() {
        let index = Int.random(in: 0..<3, using: &random)
        let effects: [Relay.Fault.Effect] = [.cut, .cut, .delay(.milliseconds(100)), .stall]
        let bytes = Int.random(in: 0..<(1 << Int.random(in: 1...18, using: &random)), using: &random)
        let fault = Relay.Fault(
            effect: random.pick(effects), direction: random.pick(Relay.Direction.allCases), bytes: bytes)
        history.append("\(fault) at \(index)")
        relays[index].setFault(fault)
        relays[index].cutConnections()
    }

    private func killReplica() throws {
        let index = random.pick((0..<3).filter { masters[$0] != nil })
        history.append("kill replica \(index)")
        try restart(index)
        try follow(index)
    }

    private func restart(_ index: Int) throws {
        try nodes[index].process.restart(abruptly: true)
        try nodes[index].reconnect()
    }

    /// The master dies; the replica that has most of its stream takes its place.
    private func killMaster() throws {
        let old = master
        nodes[old].process.kill()
        let heir = try (0..<3).filter { $0 != old }
            .max { try nodes[$0].number("slave_repl_offset") < nodes[$1].number("slave_repl_offset") }
        history.append("kill master \(old), \(heir ?? 0) takes over")
        try crown(heir ?? 0) {
            try nodes[old].process.restart()
            try nodes[old].reconnect()
        }
    }

    private func promote() throws {
        let heir = random.pick((0..<3).filter { masters[$0] != nil })
        history.append("promote \(heir)")
        try crown(heir) {}
    }

    /// Makes a replica the master, and has all others follow it.
    private func crown(_ heir: Int, _ meanwhile: () throws -> Void) throws {
        try nodes[heir].promote()
        route.change(to: nodes[heir].port)
        try meanwhile()
        for index in 0..<3 { masters[index] = index == heir ? nil : heir }
        for index in 0..<3 { try follow(index) }
    }

    /// A replica follows the other replica, or the master again.
    private func move() throws {
        let index = random.pick((0..<3).filter { masters[$0] != nil })
        let other = random.pick((0..<3).filter { $0 != index && masters[$0] != index })
        history.append("\(index) follows \(other)")
        masters[index] = other
        try follow(index)
    }

    // MARK: The end

    /// Ends all faults and the writing, and waits until all have the same data. Answers what is wrong otherwise.
    func settle() throws -> String? {
        route.stop()
        for writer in writers { try writer.value() }
        for relay in relays {
            relay.setFault(nil)
            relay.cutConnections()
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let areLinked = try nodes.indices.allSatisfy { try masters[$0] == nil || nodes[$0].isLinked }
            if areLinked, try Set(nodes.map { try $0.digest }).count == 1 { return nil }
            usleep(20_000)
        }
        let failure = try nodes.map { "\(try $0.digest) \(try $0.info())" }.joined(separator: "\n")
        history.append(failure)
        for node in nodes { history.append(node.process.log) }
        return failure
    }
}
