import Foundation
import LiveServer
import Synchronization

/// Many clients of a server, each of which asks for a key as soon as it has the last one, all from one thread.
final class ClientCrowd: Sendable {
    private struct State {
        var mustStop = false
        var result: Result<[Double], ServerFailure>?
    }

    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    /// Connects and begins at once.
    init(port: UInt16, clients: Int, keys: [String]) throws {
        let connections = try (0..<clients).map { _ in try Connection(port: port) }
        let box = Box(connections)
        Thread.detachNewThread { [self] in
            let result: Result<[Double], ServerFailure>
            do {
                result = .success(try askUntilStopped(box.connections, keys))
            } catch {
                result = .failure(error as? ServerFailure ?? ServerFailure("\(error)"))
            }
            state.withLock { $0.result = result }
            ended.signal()
        }
    }

    /// Takes connections to the one thread that uses them.
    private struct Box: @unchecked Sendable {
        // Nobody else keeps them.
        let connections: [Connection]
        init(_ connections: [Connection]) { self.connections = connections }
    }

    /// Ends the thread and returns what it measured.
    func stop() throws -> Delays {
        state.withLock { $0.mustStop = true }
        ended.wait()
        guard let result = state.withLock({ $0.result }) else { throw ServerFailure("the crowd has no result") }
        return Delays(try result.get())
    }

    private func askUntilStopped(_ connections: [Connection], _ keys: [String]) throws -> [Double] {
        let clock = ContinuousClock()
        let commands = keys.map { key in
            var command = CommandBuffer()
            command.append("GET", key)
            return command.bytes
        }
        var waiting = connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var starts = connections.map { _ in clock.now }
        var delays: [Double] = []
        for index in connections.indices { try connections[index].send(commands[index % commands.count]) }
        while !state.withLock({ $0.mustStop }) {
            guard unsafe poll(&waiting, nfds_t(waiting.count), 60_000) > 0 else {
                throw ServerFailure("nobody was answered for a minute")
            }
            for index in waiting.indices where waiting[index].revents != 0 {
                guard try connections[index].nextReply().text != nil else { throw ServerFailure("a key is gone") }
                let now = clock.now
                delays.append((now - starts[index]) / .milliseconds(1))
                starts[index] = now
                try connections[index].send(commands[delays.count % commands.count])
            }
        }
        return delays
    }
}
