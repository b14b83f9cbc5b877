import Foundation
import LiveServer
import Synchronization

/// How long a client waited for its replies, in milliseconds.
struct Delays {
    let percentile99: Double
    let percentile999: Double
    let longest: Double

    init(_ delays: [Double]) {
        let sorted = delays.sorted()
        percentile99 = sorted.isEmpty ? 0 : sorted[(sorted.count - 1) * 99 / 100]
        percentile999 = sorted.isEmpty ? 0 : sorted[(sorted.count - 1) * 999 / 1000]
        longest = sorted.last ?? 0
    }
}

/// A client on a thread of its own that asks for one key after the other, two thousand times a second.
final class Bystander: Sendable {
    private struct State {
        var mustStop = false
        var result: Result<[Double], ServerFailure>?
    }

    private static let interval = Duration.microseconds(500)
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    /// Connects and begins at once.
    init(port: UInt16, keys: [String]) throws {
        Thread.detachNewThread { [self] in
            let result: Result<[Double], ServerFailure>
            do {
                result = .success(try askUntilStopped(port: port, keys: keys))
            } catch {
                result = .failure(error as? ServerFailure ?? ServerFailure("\(error)"))
            }
            state.withLock { $0.result = result }
            ended.signal()
        }
    }

    /// Ends the thread and returns what it measured.
    func stop() throws -> Delays {
        state.withLock { $0.mustStop = true }
        ended.wait()
        guard let result = state.withLock({ $0.result }) else { throw ServerFailure("the bystander has no result") }
        return Delays(try result.get())
    }

    private func askUntilStopped(port: UInt16, keys: [String]) throws -> [Double] {
        let connection = try Connection(port: port)
        let clock = ContinuousClock()
        var delays: [Double] = []
        while !state.withLock({ $0.mustStop }) {
            var command = CommandBuffer()
            command.append("GET", keys[delays.count % keys.count])
            let start = clock.now
            try connection.send(command.bytes)
            guard try connection.nextReply().text != nil else { throw ServerFailure("the bystander's key is gone") }
            let delay = clock.now - start
            delays.append(delay / .milliseconds(1))
            if delay < Self.interval { usleep(UInt32((Self.interval - delay) / .microseconds(1))) }
        }
        return delays
    }
}
