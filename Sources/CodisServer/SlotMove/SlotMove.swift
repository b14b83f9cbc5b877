import Glibc
import Memory
import SlotStorage

/// Why slots were not moved, or not all of them. What has moved stays where it is now: the same command goes on from there.
public enum SlotMoveError: Error {
    case unreachable(String, String)
    case broken(String, String)
    /// With the server's own words.
    case refused(String, String)
    case notAServer(String)

    public var description: String {
        switch self {
        case .unreachable(let name, let reason): "Cannot connect to \(name): \(reason)"
        case .broken(let name, let reason): "Lost \(name): \(reason)"
        case .refused(let name, let text): "\(name) says: \(text)"
        case .notAServer(let name): "\(name) is no codis-server: it does not know SLOTSINFO"
        }
    }
}

/// Moves slots from one codis-server to another, of whatever version, slot after slot in batches.
///
/// Nothing is remembered between two runs, and nothing needs to be: a slot that has moved is empty at the source.
public struct SlotMove {
    public struct Server: Sendable {
        public let host: String
        public let port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    public let source: Server
    public let target: Server
    public var slots = 0...1023
    public var database = 0
    public var password: String?
    /// Keys a second at most.
    public var rate: Int?
    /// Whether values are read from both sides, and compared.
    public var verifies = false

    public init(from source: Server, to target: Server) {
        self.source = source
        self.target = target
    }

    /// How far the move has come.
    public struct Progress: Sendable {
        public var slot = 0
        public var keysMoved = 0
        public var keysTotal = 0
        public var seconds = 0.0
    }

    public struct Summary: Sendable {
        public var keysMoved = 0
        public var slotsMoved = 0
        /// Keys that were there and did not move: they expired or were deleted before it was their turn.
        public var keysGone = 0
        public var seconds = 0.0
        /// Slots whose keys are not at the target as they were at the source, with what is wrong.
        public var differences: [(slot: Int, text: String)] = []
    }

    /// Keys in a batch, and how often one is tried again that was interrupted.
    private static let batch = 500
    private static let tries = 5

    /// Moves the slots and tells after each batch how far it has come.
    public func run(_ report: (Progress) -> Void) throws(SlotMoveError) -> Summary {
        let from = try connect(source)
        let sizes = try slotSizes(from)
        let verification = verifies ? try SlotVerification(source: from, target: connect(target)) : nil
        let begin = Clock.monotonicNow()
        var summary = Summary()
        var progress = Progress(keysTotal: sizes.reduce(0) { $0 + $1.keys })
        // Found out with the first slot: codis-server 2.8 moves synchronously only.
        var isAsynchronous = true
        for (slot, keys) in sizes {
            progress.slot = slot
            try verification?.remember(slot)
            var moved = 0
            while true {
                let (count, left) = try moveSome(of: slot, from, &isAsynchronous)
                moved += count
                progress.keysMoved += count
                // Keys that came while it moved belong to it, too.
                progress.keysTotal = max(progress.keysTotal, progress.keysMoved)
                progress.seconds = Double(Clock.monotonicNow() - begin) / 1e9
                report(progress)
                if left == 0 { break }
                waitForRate(progress)
            }
            summary.keysMoved += moved
            summary.slotsMoved += 1
            summary.keysGone += max(0, keys - moved)
            if let text = try verification?.difference() { summary.differences.append((slot, text)) }
        }
        summary.seconds = Double(Clock.monotonicNow() - begin) / 1e9
        return summary
    }

    private func connect(_ server: Server) throws(SlotMoveError) -> ServerConnection {
        let connection = try ServerConnection(host: server.host, port: server.port, password: password)
        if case .error(let text) = try connection.call("SELECT", String(database)) {
            throw .refused(connection.name, text)
        }
        return connection
    }

    /// The slots that have keys, with their number.
    private func slotSizes(_ source: ServerConnection) throws(SlotMoveError) -> [(slot: Int, keys: Int)] {
        let answer = try source.call("SLOTSINFO", String(slots.lowerBound), String(slots.count))
        guard let pairs = answer.items else {
            if case .error(let text) = answer, !text.contains("unknown command") { throw .refused(source.name, text) }
            throw .notAServer(source.name)
        }
        var sizes: [(slot: Int, keys: Int)] = []
        for pair in pairs {
            guard let numbers = pair.items?.compactMap(\.integer), numbers.count == 2 else {
                throw .notAServer(source.name)
            }
            sizes.append((numbers[0], numbers[1]))
        }
        return sizes
    }

    /// Moves a batch of a slot, and answers how many keys went and how many are left.
    private func moveSome(
        of slot: Int, _ source: ServerConnection, _ isAsynchronous: inout Bool
    ) throws(SlotMoveError) -> (moved: Int, left: Int) {
        var refusal = ""
        for attempt in 0..<Self.tries {
            if attempt > 0 { usleep(200_000 << UInt32(attempt)) }
            let answer = try command(slot, source, isAsynchronous)
            if let pair = answer.items?.compactMap(\.integer), pair.count == 2 { return (pair[0], pair[1]) }
            guard case .error(let text) = answer else { throw .notAServer(source.name) }
            if isAsynchronous, text.contains("unknown command") {
                isAsynchronous = false
                return try moveSome(of: slot, source, &isAsynchronous)
            }
            refusal = text
        }
        throw .refused(source.name, refusal)
    }

    private func command(
        _ slot: Int, _ source: ServerConnection, _ isAsynchronous: Bool
    ) throws(SlotMoveError) -> ServerConnection.Answer {
        let (host, port) = (target.host, String(target.port))
        guard isAsynchronous else {
            return try source.call("SLOTSMGRTTAGSLOT", host, port, "30000", String(slot))
        }
        // With a limit for the rate, ten batches a second.
        let keys = rate.map { min(max($0 / 10, 1), Self.batch) } ?? Self.batch
        return try source.call(
            "SLOTSMGRTTAGSLOT-ASYNC", host, port, "30000", "200", "33554432", String(slot), String(keys))
    }

    private func waitForRate(_ progress: Progress) {
        guard let rate, rate > 0 else { return }
        let ahead = Double(progress.keysMoved) / Double(rate) - progress.seconds
        if ahead > 0 { usleep(UInt32(min(ahead, 1000) * 1e6)) }
    }
}
