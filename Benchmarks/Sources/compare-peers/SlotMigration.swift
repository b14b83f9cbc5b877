import Foundation
import LiveServer

/// Callers that each empty one slot of a server, key after key, as a Codis dashboard does, all from one thread.
///
/// One thread that polls costs the least processor time beside two servers on two cores.
struct SlotMigration {
    let source: UInt16
    let target: UInt16
    /// One caller for each.
    let slots: [Int]

    /// Moves everything and returns keys a second.
    func run() throws -> Double {
        let connections = try slots.map { _ in try Connection(port: source) }
        let commands = slots.map { slot in
            var command = CommandBuffer()
            command.append("SLOTSMGRTTAGSLOT", "127.0.0.1", "\(target)", "30000", "\(slot)")
            return command.bytes
        }
        var waiting = connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var open = slots.count
        var moved = 0

        let clock = ContinuousClock()
        let start = clock.now
        for index in slots.indices { try connections[index].send(commands[index]) }
        while open > 0 {
            guard unsafe poll(&waiting, nfds_t(waiting.count), 60_000) > 0 else {
                throw ServerFailure("the migration stood still for a minute")
            }
            for index in waiting.indices where waiting[index].revents != 0 {
                let (count, left) = try Self.outcome(connections[index].nextReply())
                moved += count
                if left == 0 {
                    waiting[index].fd = -1  // poll passes over it
                    open -= 1
                } else {
                    try connections[index].send(commands[index])
                }
            }
        }
        return Double(moved) / ((clock.now - start) / .seconds(1))
    }

    /// The reply `[keys moved, keys left in the slot]`.
    private static func outcome(_ reply: Reply) throws -> (moved: Int, left: Int) {
        guard let numbers = reply.elements?.compactMap(\.integer), numbers.count == 2 else {
            throw ServerFailure("SLOTSMGRTTAGSLOT was answered by \(reply)")
        }
        return (numbers[0], numbers[1])
    }
}
