import ArgumentParser
import Foundation
import LiveServer

@main
struct CountInstructions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count-instructions",
        abstract: "Counts what a steady GET and an overwriting SET cost the server, under valgrind's callgrind.",
        discussion: """
            Run it from the folder Benchmarks. The counts hardly depend on the machine or on what else it does. \
            Per request: instructions, retains and releases (goal 0), allocations (goal 0 for GET, 1 for SET).
            """)

    @Option(help: "The server.")
    var server = "../.build/release/codis-server"

    @Option(help: "Requests of the shorter of the two runs whose difference counts.")
    var requests = 50_000

    @Option(help: "Requests in one write.")
    var pipeline = 16

    @Option(help: "Keys that are asked for in turn.")
    var keys = 10_000

    @Option(help: "How many functions to list, those with most instructions first.")
    var top = 0

    @Flag(help: "Fail when a goal is missed.")
    var requireGoals = false

    /// Calls a request that the server's timers may make in the meantime.
    private static let tolerance = 0.01

    func validate() throws {
        guard requests > 0, pipeline > 0, keys > 0, top >= 0 else {
            throw ValidationError("--requests, --pipeline and --keys must be above zero.")
        }
    }

    func run() throws {
        RunningProcesses.killAllWhenInterrupted()
        let executable = URL(filePath: server)
        let load = SteadyLoad(keys: keys, pipeline: pipeline)
        var profiled = try ProfiledServer(executable: executable)
        try load.fill(profiled.connect())
        try profiled.startCounting()

        var missed = false
        for command in SteadyLoad.Command.allCases {
            let cost = try RequestCost.measure(command, load: load, requests: requests, on: &profiled)
            let bytes = try allocatedBytesPerRequest(command, load: load, requests: requests, executable: executable)
            missed = report(cost, bytes) || missed
        }
        if missed && requireGoals { throw ExitCode.failure }
    }

    /// Prints the figures and tells whether a goal was missed.
    private func report(_ cost: RequestCost, _ bytes: Double?) -> Bool {
        var missed = false
        func line(_ name: String, _ value: Double, goal: Double?) {
            let isMissed = goal.map { value > $0 + Self.tolerance } ?? false
            missed = missed || isMissed
            let verdict = goal.map { "  goal <= \(Int($0))  " + (isMissed ? "MISSED" : "met") } ?? ""
            print("  \(padded(name, 24))\(formatted(value))\(verdict)")
        }
        print("\(cost.command.rawValue), a request, \(pipeline) in one write:")
        line("instructions", cost.instructions, goal: nil)
        if cost.hasNames {
            line("retains and releases", cost.retainsAndReleases, goal: 0)
        } else {
            print("  retains and releases are not known: the program has no symbols")
        }
        line("allocations", cost.allocations, goal: cost.command == .get ? 0 : 1)
        line("frees", cost.frees, goal: nil)
        if let bytes {
            line("bytes allocated", bytes, goal: cost.command == .get ? 0 : nil)
        } else {
            print("  bytes allocated are not known: INFO shows no allocator_thread_allocated")
        }
        let functions = cost.functions.prefix(top)
        for (function, name) in zip(functions, demangled(functions.map(\.name))) {
            print("  \(formatted(function.instructions))  \(name)")
        }
        return missed
    }

    private func formatted(_ value: Double) -> String {
        let text = value.formatted(.number.locale(Locale(identifier: "en_US")).precision(.fractionLength(2)))
        return String(repeating: " ", count: max(0, 10 - text.count)) + text
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Names of Swift functions as a person writes them, where the toolchain can tell.
    private func demangled(_ names: [String]) -> [String] {
        let text = try? runTool("swift", ["demangle", "--simplified"], input: names.joined(separator: "\n") + "\n")
        let lines = text?.split(separator: "\n").map(String.init) ?? []
        return lines.count == names.count ? lines : names
    }
}
