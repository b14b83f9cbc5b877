import Foundation
import Synchronization

/// What a Codis proxy does for one of its clients: it knows where a slot is, and while the slot moves it has the group
/// of a key moved before each request for that key.
final class SlotProxy {
    /// Where the slot is, for all clients. A request holds on to it while it runs, so that none goes the old way after
    /// the change.
    final class Route: Sendable {
        private struct State {
            var requests = 0
            var isChanging = false
            var isMoving = false
        }

        private let state = Mutex(State())

        /// From now on every request goes to the target. Returns when no other is under way.
        func startMoving() {
            state.withLock { $0.isChanging = true }
            while state.withLock({ $0.requests }) > 0 { usleep(100) }
            state.withLock {
                $0.isMoving = true
                $0.isChanging = false
            }
        }

        fileprivate func request<Value>(_ body: (_ isMoving: Bool) throws -> Value) rethrows -> Value {
            while true {
                let entered: Bool? = state.withLock { state in
                    if state.isChanging { return nil }
                    state.requests += 1
                    return state.isMoving
                }
                guard let isMoving = entered else {
                    usleep(100)
                    continue
                }
                defer { state.withLock { $0.requests -= 1 } }
                return try body(isMoving)
            }
        }
    }

    private let servers: Servers
    private let route: Route
    private let source: Connection
    private let target: Connection

    init(_ servers: Servers, _ route: Route) throws {
        self.servers = servers
        self.route = route
        source = try servers.source.connect(timeout: .seconds(60))
        target = try servers.target.connect(timeout: .seconds(60))
    }

    /// Sends a command about `key` to the server that has to answer it.
    func call(_ words: any CommandArgument..., key: String) throws -> Reply {
        let bytes = words.map(\.argumentBytes)
        return try route.request { isMoving in
            guard isMoving else { return try source.call(bytes) }
            let reply = try source.call(MigrationForm.tagOne.words(key, to: servers.target.endpoint))
            guard reply.integerValue != nil else { throw KitFailure("SLOTSMGRTTAGONE: \(reply)") }
            return try target.call(bytes)
        }
    }
}
