import ArgumentParser
import CodisServer
import Glibc

/// `codis-server slots --from HOST:PORT --to HOST:PORT`
struct MoveSlots: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slots",
        abstract: "Moves slots from one codis-server to another.",
        discussion: """
            Both may be of any version; proxies are not told, that is the dashboard's business. A move that was \
            interrupted loses nothing: the same command goes on where it stopped.

              codis-server slots --from 10.0.0.1:6379 --to 10.0.0.2:6379 --slots 0-511 --rate 50000 --verify

            The exit status is 0 if everything has moved, 1 if not, and 2 if what has moved is not what was there.
            """)

    @Option(help: "The server that gives.")
    var from: Address

    @Option(help: "The server that takes.")
    var to: Address

    @Option(help: "The slots to move, as A-B or A.")
    var slots = SlotRange(0...1023)

    @Option(name: .customLong("db"), help: "The database.")
    var database = 0

    @Option(help: "The password of both servers.")
    var password: String?

    @Option(help: "Keys to move in a second, at most.")
    var rate: Int?

    @Flag(help: "Compare the keys of each slot and their values' digests before and after. DUMPs every value twice.")
    var verify = false

    func validate() throws {
        if let rate, rate < 1 { throw ValidationError("--rate must be 1 at least.") }
        if database < 0 { throw ValidationError("--db must not be negative.") }
    }

    func run() throws {
        var move = SlotMove(from: from.server, to: to.server)
        move.slots = slots.range
        move.database = database
        move.password = password
        move.rate = rate
        move.verifies = verify
        var line = MoveLine()
        let summary: SlotMove.Summary
        do throws(SlotMoveError) {
            summary = try move.run { line.show($0) }
        } catch {
            line.finish()
            print(error.description)
            print("What has moved is at the target; run the same command again to go on.")
            throw ExitCode.failure
        }
        line.finish()
        let rate = Int(Double(summary.keysMoved) / max(summary.seconds, 0.001))
        print("\(summary.keysMoved) keys of \(summary.slotsMoved) slots moved, \(rate) keys/s")
        if summary.keysGone > 0 { print("\(summary.keysGone) keys ended before it was their turn.") }
        for (slot, text) in summary.differences { print("slot \(slot): \(text)") }
        if !summary.differences.isEmpty { throw ExitCode(2) }
        if verify { print("Every slot is at the target as it was.") }
    }
}

/// `HOST:PORT`
struct Address: ExpressibleByArgument {
    let server: SlotMove.Server

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), colon > argument.startIndex,
            let port = Int(argument[argument.index(after: colon)...]), 1...65_535 ~= port
        else { return nil }
        server = SlotMove.Server(host: String(argument[..<colon]), port: port)
    }
}

/// `A-B` or `A`
struct SlotRange: ExpressibleByArgument {
    let range: ClosedRange<Int>

    init(_ range: ClosedRange<Int>) { self.range = range }

    init?(argument: String) {
        let bounds = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = bounds.first ?? nil, bounds.count <= 2, let last = bounds.last ?? nil, first >= 0,
            first <= last, last <= 1023
        else { return nil }
        range = first...last
    }

    var defaultValueDescription: String { "\(range.lowerBound)-\(range.upperBound)" }
}

/// The line on the terminal that tells how far a move has come. Where standard error is no terminal it shows nothing.
private struct MoveLine {
    private static let width = 30
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var shownAt = -1.0

    mutating func show(_ progress: SlotMove.Progress) {
        // Ten times a second is as often as anybody looks.
        guard isTerminal, progress.seconds - shownAt > 0.1 || progress.keysMoved == progress.keysTotal else { return }
        shownAt = progress.seconds
        let share = progress.keysTotal == 0 ? 1 : Double(progress.keysMoved) / Double(progress.keysTotal)
        let filled = Int(share * Double(Self.width))
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: Self.width - filled)
        let rate = Double(progress.keysMoved) / max(progress.seconds, 0.001)
        let left = rate > 0 ? Int(Double(progress.keysTotal - progress.keysMoved) / rate) : 0
        write(
            "\r[\(bar)] \(Int(share * 100)) %  slot \(progress.slot)  \(progress.keysMoved) keys  \(Int(rate)) keys/s  \(left) s left   "
        )
    }

    func finish() {
        if shownAt >= 0 { write("\n") }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
