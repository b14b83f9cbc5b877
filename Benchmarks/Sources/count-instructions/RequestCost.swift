import Foundation
import LiveServer

/// What one request costs the server, counted by callgrind.
///
/// The difference of two runs, of which one has twice the requests: all that does not depend on their number falls
/// out. The server's timers stay in, and weigh more than in real life, because callgrind slows the server some
/// fifty times and not the clock.
struct RequestCost {
    let command: SteadyLoad.Command
    let instructions: Double
    let retainsAndReleases: Double
    let allocations: Double
    let frees: Double
    /// Instructions of each function itself.
    let functions: [(name: String, instructions: Double)]
    /// False where the program's symbols were stripped, so that calls within it cannot be told apart.
    let hasNames: Bool

    static func measure(
        _ command: SteadyLoad.Command, load: SteadyLoad, requests: Int, on server: inout ProfiledServer
    ) throws -> RequestCost {
        let connection = try server.connect()
        try load.run(command, count: max(requests / 10, load.pipeline), on: connection)
        _ = try server.takeProfile()
        try load.run(command, count: requests, on: connection)
        let once = try server.takeProfile()
        try load.run(command, count: 2 * requests, on: connection)
        let twice = try server.takeProfile()
        return RequestCost(command, of: twice.difference(to: once), requests: requests)
    }

    private init(_ command: SteadyLoad.Command, of profile: CallgrindProfile, requests: Int) {
        let requests = Double(requests)
        self.command = command
        instructions = Double(profile.totalInstructions) / requests
        retainsAndReleases = Double(profile.calls(where: Self.isReferenceCounting)) / requests
        allocations = Double(profile.calls(where: Self.allocating.contains)) / requests
        frees = Double(profile.calls(where: Self.freeing.contains)) / requests
        functions = profile.instructions.map { (name: $0.key, instructions: Double($0.value) / requests) }
            .sorted { $0.instructions > $1.instructions }
        let nameless = functions.reduce(0) { $1.name.hasPrefix("0x") ? $0 + $1.instructions : $0 }
        hasNames = nameless < instructions / 10
    }

    /// `swift_retain`, `swift_bridgeObjectRelease`, `swift_release_n` and their like.
    private static func isReferenceCounting(_ name: String) -> Bool {
        name.hasPrefix("swift_") && (name.contains("etain") || name.contains("elease"))
    }

    private static let allocating: Set = [
        "malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "memalign", "mallocx", "rallocx",
    ]
    private static let freeing: Set = ["free", "dallocx", "sdallocx"]
}

/// Bytes that the server's main thread has ever allocated, by jemalloc's own counter in INFO.
///
/// - Returns: bytes a request, without what INFO itself takes; nil if the server does not offer the counter.
func allocatedBytesPerRequest(
    _ command: SteadyLoad.Command, load: SteadyLoad, requests: Int, executable: URL
) throws -> Double? {
    let server = try ServerProcess(executable: executable)
    defer { server.stop() }
    let connection = try server.connect()
    func allocated() throws -> Int? {
        try connection.info()["allocator_thread_allocated"].flatMap { Int($0) }
    }
    try load.fill(connection)
    try load.run(command, count: requests, on: connection)
    guard try allocated() != nil, let first = try allocated(), let second = try allocated() else { return nil }
    try load.run(command, count: requests, on: connection)
    guard let third = try allocated() else { return nil }
    return Double((third - second) - (second - first)) / Double(requests)
}
