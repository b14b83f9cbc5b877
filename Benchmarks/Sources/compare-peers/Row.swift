/// What a row of the report compares.
enum Measure: String, Codable, CaseIterable {
    case requestRate, processorTime, scriptRate, memory, migrationRate, asyncMigrationRate, elementRate, bystanderDelay
    case snapshotDelay, snapshotRate, snapshotMemory, snapshotTime
    case fullSyncRate, fullSyncDelay, replicaCost

    var title: String {
        switch self {
        case .requestRate: "Requests a second, ours / fastest peer"
        case .scriptRate: "Scripts, calls a second, ours / fastest peer"
        case .processorTime: "Server's processor time, µs a request, ours / leanest peer"
        case .memory: "Memory, bytes of one, ours / leanest peer"
        case .migrationRate: "Slot migration, keys a second"
        case .asyncMigrationRate: "Asynchronous slot migration, keys a second"
        case .elementRate: "Migration of one large value, elements a second"
        case .bystanderDelay: "GET of a bystander meanwhile, ms"
        case .snapshotDelay: "GET during BGSAVE under writes, ms"
        case .snapshotRate: "SET during BGSAVE, % of the rate before"
        case .snapshotMemory: "Memory that BGSAVE takes, % of the data"
        case .snapshotTime: "BGSAVE under writes, seconds"
        case .fullSyncRate: "Full sync, keys a second, ours / fastest peer"
        case .fullSyncDelay: "Longest GET on the master meanwhile, ms"
        case .replicaCost: "What one replica costs its master, %"
        }
    }

    var higherIsBetter: Bool {
        switch self {
        case .requestRate, .scriptRate, .migrationRate, .asyncMigrationRate, .elementRate, .snapshotRate, .fullSyncRate:
            true
        case .processorTime, .memory, .bystanderDelay, .snapshotDelay, .snapshotMemory, .snapshotTime: false
        case .fullSyncDelay, .replicaCost: false
        }
    }

    /// How many digits after the point are worth showing.
    var fractionDigits: Int {
        switch self {
        case .requestRate, .scriptRate, .migrationRate, .asyncMigrationRate, .elementRate, .fullSyncRate: 0
        case .memory, .snapshotRate, .snapshotMemory, .snapshotTime, .replicaCost: 1
        case .processorTime, .bystanderDelay, .snapshotDelay, .fullSyncDelay: 2
        }
    }
}

/// What our server has to reach in a row.
enum Goal: Codable {
    case ratioAtLeast(bound: Double), ratioAtMost(bound: Double), atLeast(bound: Double), atMost(bound: Double)

    var text: String {
        switch self {
        case .ratioAtLeast(let bound): ">= \(bound) x"
        case .ratioAtMost(let bound): "<= \(bound) x"
        case .atLeast(let bound): ">= \(grouped(bound, fractionDigits: 0))"
        case .atMost(let bound): "<= \(grouped(bound, fractionDigits: 0))"
        }
    }

    /// A goal for a ratio cannot be missed where there is no peer.
    func isMet(value: Double, ratio: Double?) -> Bool {
        switch self {
        case .ratioAtLeast(let bound): ratio.map { $0 >= bound } ?? true
        case .ratioAtMost(let bound): ratio.map { $0 <= bound } ?? true
        case .atLeast(let bound): value >= bound
        case .atMost(let bound): value <= bound
        }
    }
}

/// All rounds of one server.
struct Samples: Codable {
    let server: String
    let rounds: [Double]
    let median: Double

    init(server: String, rounds: [Double]) {
        self.server = server
        self.rounds = rounds
        let sorted = rounds.sorted()
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// One line of the report: our server's figure, the peers' figures, and the goal.
struct Row: Codable {
    let measure: Measure
    let subject: String
    let ours: Samples
    let peers: [Samples]
    /// Ours divided by the best peer's, medians both; nil without peers.
    let ratio: Double?
    let goal: Goal?
    /// Nil without a goal.
    let isMet: Bool?
    /// What a reader must know to judge the figure.
    let note: String?

    init(
        _ measure: Measure, _ subject: String, ours: Samples, peers: [Samples] = [], goal: Goal? = nil,
        note: String? = nil
    ) {
        self.measure = measure
        self.subject = subject
        self.ours = ours
        self.peers = peers
        self.goal = goal
        self.note = note
        let medians = peers.map(\.median)
        let ratio = (measure.higherIsBetter ? medians.max() : medians.min()).map { ours.median / $0 }
        self.ratio = ratio
        isMet = goal.map { $0.isMet(value: ours.median, ratio: ratio) }
    }
}
