import Foundation
import Synchronization

/// What a proxy does for one client while slots move: where a slot is and whether it is being moved, and what that
/// means for a request (specification of the slot commands, section 11).
final class MovingProxy {
    /// How requests for a slot on the move are forwarded.
    enum Method: String, CaseIterable, Sendable {
        /// The key's group is moved before each request.
        case sync
        /// The request is tried at the source, wrapped.
        case semiAsync
    }

    /// What became of a request.
    enum Result {
        case reply(Reply)
        /// It was refused or could not be sent: nothing has happened.
        case nothing
        /// The connection ended before the reply: it may have been executed.
        case unknown
    }

    /// Where slots are, for all proxies.
    final class Routes: Sendable {
        struct Route {
            var owner: Int
            /// The server that the slot is being moved to, and the way there.
            var moving: (to: Int, by: Endpoint)?
        }

        private struct State {
            var routes: [Int: Route] = [:]
            var requests: [Int: Int] = [:]
            var changing: Set<Int> = []
        }

        private let state = Mutex(State())

        init(_ slots: [Int], owner: Int) {
            state.withLock { state in
                for slot in slots { state.routes[slot] = Route(owner: owner) }
            }
        }

        /// Changes a route while no request for the slot is under way.
        func change(_ slot: Int, _ change: (inout Route) -> Void) {
            state.withLock { _ = $0.changing.insert(slot) }
            while state.withLock({ $0.requests[slot, default: 0] }) > 0 { usleep(100) }
            state.withLock { state in
                if var route = state.routes[slot] {
                    change(&route)
                    state.routes[slot] = route
                }
                state.changing.remove(slot)
            }
        }

        func route(of slot: Int) -> Route? { state.withLock { $0.routes[slot] } }

        fileprivate func withRoute<Value>(of slot: Int, _ body: (Route) -> Value) -> Value? {
            while true {
                let route: Route? = state.withLock { state in
                    if state.changing.contains(slot) { return nil }
                    state.requests[slot, default: 0] += 1
                    return state.routes[slot]
                }
                guard let route else {
                    usleep(100)
                    continue
                }
                defer { state.withLock { $0.requests[slot, default: 1] -= 1 } }
                return body(route)
            }
        }
    }

    private let servers: [ServerProcess]
    private let routes: Routes
    private let method: Method
    private var connections: [Int: Connection] = [:]

    init(_ servers: [ServerProcess], _ routes: Routes, _ method: Method) {
        self.servers = servers
        self.routes = routes
        self.method = method
    }

    /// Sends a request about a key to where it belongs.
    func call(_ words: [String], key: String) -> Result {
        routes.withRoute(of: slotNumber(of: key)) { route in
            guard let moving = route.moving else { return send(words, to: route.owner) }
            switch method {
            case .sync: return callSync(words, key, from: route.owner, moving)
            case .semiAsync: return callWrapped(words, key, from: route.owner, to: moving.to)
            }
        } ?? .nothing
    }

    private func callSync(_ words: [String], _ key: String, from source: Int, _ moving: (to: Int, by: Endpoint))
        -> Result
    {
        let move = ["SLOTSMGRTTAGONE", moving.by.host, String(moving.by.port), "10000", key]
        guard case .reply(.integer) = send(move, to: source) else { return .nothing }
        return send(words, to: moving.to)
    }

    private func callWrapped(_ words: [String], _ key: String, from source: Int, to target: Int) -> Result {
        for attempt in 0..<2000 {
            let result = send(["SLOTSMGRT-EXEC-WRAPPER", key] + words, to: source)
            guard case .reply(let reply) = result else { return result }
            guard let items = reply.items, items.count == 2 else { return .nothing }
            switch items[0] {
            case .integer(0): return send(words, to: target)
            case .integer(1): usleep(attempt < 5 ? 0 : 2000)
            case .integer(2): return Self.result(items[1])
            default: return .nothing
            }
        }
        return .nothing
    }

    private func send(_ words: [String], to number: Int) -> Result {
        let connection: Connection
        do {
            connection = try connections[number] ?? servers[number].connect(timeout: .seconds(60))
        } catch {
            // The server is down; it comes back.
            usleep(5_000)
            return .nothing
        }
        connections[number] = connection
        do {
            return Self.result(try connection.call(words.map(\.argumentBytes)))
        } catch {
            connections[number] = nil
            connection.close()
            return .unknown
        }
    }

    private static func result(_ reply: Reply) -> Result {
        if case .error = reply { .nothing } else { .reply(reply) }
    }
}
