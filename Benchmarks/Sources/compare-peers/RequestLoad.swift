import Foundation
import LiveServer

/// One kind of load that `redis-benchmark` can give: a test and a number of requests in flight per client.
struct RequestLoad: Hashable {
    static let clients = 50

    let test: RequestTest
    let pipeline: Int
    /// Words to send in the place of a test that `redis-benchmark` knows.
    var command: [String] = []

    var subject: String { "\(test.name.uppercased()), pipeline \(pipeline)" }

    struct Outcome {
        let requestsPerSecond: Double
        /// Of the server, in microseconds.
        let processorTimePerRequest: Double
        /// The share of the time in which the load generator itself was busy; near 1, it was the limit.
        let clientBusy: Double
    }

    /// The next number of requests that keeps every client busy to the end and takes about `seconds`.
    func requests(for seconds: Double, at rate: Double) -> Int {
        let unit = Self.clients * pipeline
        return max(1, Int((rate * seconds / Double(unit)).rounded())) * unit
    }

    /// Runs `redis-benchmark` on keys, or elements, chosen at random from `keys` names.
    func run(on server: ServerProcess, requests: Int, keys: Int) throws -> Outcome {
        try prepare(server, requests: requests)
        let clientBefore = Self.childrenProcessorTime()
        let serverBefore = try server.processorTime()
        let rate = try Self.redisBenchmark(
            [
                "-p", "\(server.port)", "-c", "\(Self.clients)", "-n", "\(requests)", "-r", "\(keys)",
                "-P", "\(pipeline)", "--csv",
            ] + (command.isEmpty ? ["-t", test.name] : command))
        let serverTime = try server.processorTime() - serverBefore
        let clientTime = Self.childrenProcessorTime() - clientBefore
        return Outcome(
            requestsPerSecond: rate,
            processorTimePerRequest: serverTime * 1e6 / Double(requests),
            clientBusy: clientTime / (Double(requests) / rate))
    }

    /// Lets the server have what the test works on, the same in each run.
    private func prepare(_ server: ServerProcess, requests: Int) throws {
        guard let key = test.key else { return }
        _ = try server.connect().call("DEL", key)
        guard let preparation = test.preparation else { return }
        // Elements are drawn by chance: from four times as many, hardly any come twice.
        let elements = test.isRange ? Self.elementsOfRange : requests
        _ = try Self.redisBenchmark([
            "-p", "\(server.port)", "-c", "\(Self.clients)", "-n", "\(elements)", "-r", "\(4 * elements)", "-P", "100",
            "-t", preparation, "--csv",
        ])
    }

    /// At least as many as the longest range.
    private static let elementsOfRange = 10_000

    /// The requests a second in the last line, such as `"GET","1492537.25",…`.
    private static func redisBenchmark(_ arguments: [String]) throws -> Double {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["redis-benchmark"] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let fields = text.split(whereSeparator: \.isNewline).last?.split(separator: "\",\"") ?? []
        guard process.terminationStatus == 0, fields.count > 1, let rate = Double(fields[1]), rate > 0 else {
            throw ServerFailure("redis-benchmark \(arguments.joined(separator: " ")) failed: \(text)")
        }
        return rate
    }

    /// Processor seconds of all child processes that have ended.
    private static func childrenProcessorTime() -> Double {
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }
}
