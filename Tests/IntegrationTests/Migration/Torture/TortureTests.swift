import Foundation
import Synchronization
import Testing
import TestSupport

extension IntegrationTests {
    /// Slots move while clients write, connections are cut at random bytes, and servers are killed and come back from
    /// their append-only files. In the end every key is where it belongs, and holds what was acknowledged.
    ///
    /// `TORTURE_ROUNDS` says how many rounds there are; `make torture` plays many.
    @Suite struct TortureTests {
        private static let rounds = Package.environment("TORTURE_ROUNDS").flatMap { Int($0) } ?? 20

        @Test("round", arguments: 0..<rounds)
        func round(_ number: Int) throws {
            var random = SeededGenerator(seed: UInt64(number) &* 0x9e37_79b9 &+ 11)
            let round = try TortureRound(
                servers: Bool.random(using: &random) ? 2 : 3, method: random.pick(MovingProxy.Method.allCases),
                kills: Bool.random(using: &random), seed: UInt64(number))
            let complaints = try round.play()
            #expect(complaints.isEmpty, "round \(number), \(round.description)")
            try round.stop()
        }
    }
}

/// One round: servers, slots that move from the first to the others, and clients.
final class TortureRound {
    private static let clients = 4
    private static let tags = ["a", "b", "c"]

    private let servers: [ServerProcess]
    private let method: MovingProxy.Method
    private let kills: Bool
    private let seed: UInt64
    private let routes: MovingProxy.Routes

    init(servers count: Int, method: MovingProxy.Method, kills: Bool, seed: UInt64) throws {
        // Without `always` a server that is killed may lose what it has acknowledged in its last moments.
        servers = try (0..<count).map { _ in
            try ServerProcess.start(["appendonly": [kills ? "yes" : "no"], "appendfsync": ["always"]])
        }
        self.method = method
        self.kills = kills
        self.seed = seed
        routes = MovingProxy.Routes(Self.tags.map { slotNumber(of: $0) }, owner: 0)
    }

    var description: String { "\(servers.count) servers, \(method.rawValue)\(kills ? ", with kills" : "")" }

    func stop() throws {
        for server in servers { try server.stop() }
    }

    /// Plays the round and answers what is wrong in the end.
    func play() throws -> [String] {
        let isOver = Atomic(false)
        let seed = seed
        // What is dead cannot remember what it has sent in vain, so nobody deletes where servers die (see `Leftovers`).
        let deletes = !kills
        let (servers, routes, method) = (servers, routes, method)
        let writers = (0..<Self.clients).map { number in
            Running {
                let writer = Writer(number, MovingProxy(servers, routes, method), deletes: deletes, seed: seed)
                while !isOver.load(ordering: .relaxed) { writer.step() }
                return EndedWriter(writer)
            }
        }
        let killer = kills ? Running { try Self.kill(servers, until: isOver, seed: seed) } : nil
        do {
            try moveEverything()
        } catch {
            isOver.store(true, ordering: .relaxed)
            throw error
        }
        isOver.store(true, ordering: .relaxed)
        try killer?.value()
        let ended = try writers.map { try $0.value().writer }
        return try ended.flatMap(\.complaints) + complaints(ended.flatMap(\.histories))
    }

    /// Hands what a writer knows from its thread to this one.
    private struct EndedWriter: @unchecked Sendable {
        // The thread that used it has ended.
        let writer: Writer
        init(_ writer: Writer) { self.writer = writer }
    }

    // MARK: Moving

    /// What a dashboard does: moves one slot after the other, and again until it is empty, whatever happens.
    private func moveEverything() throws {
        var random = SeededGenerator(seed: seed &+ 1)
        usleep(50_000)
        for tag in Self.tags {
            let target = Int.random(in: 1..<servers.count, using: &random)
            try move(tag, from: 0, to: target, &random)
            // Some go on.
            if servers.count == 3, Bool.random(using: &random) { try move(tag, from: target, to: 3 - target, &random) }
        }
    }

    private func move(_ tag: String, from source: Int, to target: Int, _ random: inout SeededGenerator) throws {
        let slot = slotNumber(of: tag)
        let relay = try Relay(to: servers[target].address)
        defer { relay.stop() }
        routes.change(slot) { $0.moving = (target, relay.endpoint) }
        // Clients meet the slot on the move.
        usleep(UInt32.random(in: 5_000...30_000, using: &random))
        let deadline = ContinuousClock.now + .seconds(60)
        var faults = Int.random(in: 0...4, using: &random)
        while true {
            guard ContinuousClock.now < deadline else { throw KitFailure("the slot of \(tag) does not get empty") }
            if faults > 0 {
                faults -= 1
                let bytes = Int.random(in: 0...20_000, using: &random)
                relay.setFault(.init(effect: .cut, direction: random.pick(Relay.Direction.allCases), bytes: bytes))
                if Bool.random(using: &random) { relay.cutConnections() }
            } else {
                relay.setFault(nil)
            }
            if try isEmpty(slot, tag, source, relay.endpoint, &random) { break }
        }
        routes.change(slot) { route in
            route.owner = target
            route.moving = nil
        }
    }

    /// One step of a slot's move. Whether the slot is empty at the source.
    private func isEmpty(
        _ slot: Int, _ tag: String, _ source: Int, _ target: Endpoint, _ random: inout SeededGenerator
    ) throws -> Bool {
        let words: [Bytes]
        switch method {
        case .sync: words = MigrationForm.tagSlot.words("{\(tag)}", to: target)
        case .semiAsync:
            words = AsyncForm.tagSlot.words(
                "{\(tag)}", to: target, maxbulks: random.pick([1, 3, 200]), maxbytes: random.pick([100, 10_000]),
                numkeys: random.pick([1, 10, 500]))
        }
        // The source may be dead at the moment.
        guard let connection = try? servers[source].connect(timeout: .seconds(30)),
            let reply = try? connection.call(words)
        else {
            usleep(5_000)
            return false
        }
        guard let items = reply.items else { return false }
        return items.count == 2 && items[1] == .integer(0)
    }

    // MARK: Dying

    private static func kill(_ servers: [ServerProcess], until isOver: borrowing Atomic<Bool>, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &+ 2)
        for _ in 0..<3 {
            usleep(UInt32.random(in: 10_000...120_000, using: &random))
            if isOver.load(ordering: .relaxed) { return }
            try random.pick(servers).restart(abruptly: true)
        }
    }

    // MARK: The end

    private func complaints(_ histories: [KeyHistory]) throws -> [String] {
        var complaints: [String] = []
        let connections = try servers.map { try $0.connect() }
        for (number, connection) in connections.enumerated() where try connection.call("SLOTSCHECK") != .ok {
            complaints.append("server \(number) is not in order")
        }
        for history in histories {
            let slot = slotNumber(of: history.name)
            guard let owner = routes.route(of: slot)?.owner else { continue }
            let words = history.reading.map(\.argumentBytes)
            let elements = KeyHistory.elements(in: try connections[owner].call(words))
            if let complaint = history.complaint(elements) { complaints.append(complaint) }
            if try connections[owner].call("TTL", history.name).integerValue ?? 0 >= 0 {
                complaints.append("\(history.name) would end")
            }
            for (number, connection) in connections.enumerated() where number != owner {
                if try connection.call("EXISTS", history.name) != .integer(0) {
                    complaints.append("\(history.name) is at server \(number), too")
                }
            }
        }
        return complaints
    }
}

/// A client that adds to its own keys, looks at them, and deletes them now and then.
private final class Writer {
    let histories: [KeyHistory]
    private let proxy: MovingProxy
    private let deletes: Bool
    private var random: SeededGenerator
    private(set) var complaints: [String] = []

    init(_ number: Int, _ proxy: MovingProxy, deletes: Bool, seed: UInt64) {
        self.proxy = proxy
        self.deletes = deletes
        random = SeededGenerator(seed: seed &* 31 &+ UInt64(number) &+ 100)
        histories = ["a", "b", "c"].flatMap { tag in
            KeyHistory.Kind.allCases.flatMap { kind in
                (0..<2).map { KeyHistory("{\(tag)}\(number):\(kind.rawValue):\($0)", kind) }
            }
        }
    }

    func step() {
        let history = random.pick(histories)
        switch Int.random(in: 0..<20, using: &random) {
        case 0 where deletes:
            switch proxy.call(["DEL", history.name], key: history.name) {
            case .reply: history.noteDeletion(.done)
            case .unknown: history.noteDeletion(.unknown)
            case .nothing: break
            }
        case 1...4:
            guard case .reply(let reply) = proxy.call(history.reading, key: history.name) else { return }
            let elements = KeyHistory.elements(in: reply)
            if let complaint = history.complaint(elements) {
                complaints.append("on the way: \(complaint)")
            } else {
                // What was unknown is known now.
                history.settle(elements)
            }
        default:
            let element = history.nextElement()
            switch proxy.call(history.addition(element), key: history.name) {
            case .reply: history.noteAddition(element, .done)
            case .unknown: history.noteAddition(element, .unknown)
            case .nothing: break
            }
        }
    }
}
