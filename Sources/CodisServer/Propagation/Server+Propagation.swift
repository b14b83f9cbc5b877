import Memory
import RESP
import SlotStorage

/// How handlers tell changes in another form than the request.
extension Server {
    /// Tells `write`'s commands, besides the request that runs, if any.
    mutating func propagate(
        in database: Int, to targets: PropagationTargets = .all, _ write: (inout CommandBuffer) -> Void
    ) {
        guard !propagation.listeners.isEmpty else { return }
        propagation.append(in: database, to: targets, write)
    }

    /// Tells `write`'s commands in the place of the request that runs. May be said more than once. With `together` readers
    /// never see but some of them.
    mutating func propagateInstead(
        in database: Int, together: Bool = false, _ write: (inout CommandBuffer) -> Void
    ) {
        guard !propagation.listeners.isEmpty else { return }
        propagation.keepOut()
        if together {
            propagation.appendTogether(in: database, write)
        } else {
            propagation.append(in: database, write)
        }
    }

    /// Tells that a key is a string now, and when it ends, in the place of the request that runs.
    mutating func propagateString(_ value: RawSpan, under key: RawSpan, in database: Int) {
        guard !propagation.listeners.isEmpty else { return }
        propagateInstead(in: database) { commands in
            commands.array(3)
            commands.bulk("SET")
            commands.bulk(key)
            commands.bulk(value)
        }
        if let expiry = keyspace[database].find(key)?.expiry { propagateExpiry(of: key, at: expiry, in: database) }
    }

    /// Tells that a key is gone because a command removed it.
    mutating func propagateRemoval(of key: RawSpan, in database: Int) {
        propagate(in: database) { $0.appendRemoval(of: key) }
    }

    /// Tells that a key is gone for another reason than a command.
    mutating func propagateLoss(of key: RawSpan, in database: Int) {
        propagateLoss(in: database) { $0.appendRemoval(of: key) }
    }

    /// Tells the removal of keys that `write` writes, before the script that runs, if it is told as a whole: who runs it
    /// later has to find the same keys.
    mutating func propagateLoss(in database: Int, _ write: (inout CommandBuffer) -> Void) {
        guard !propagation.listeners.isEmpty else { return }
        propagation.appendBeforeScript(in: database, write)
    }

    /// Tells when a key ends, in a form that means the same whenever it is read.
    mutating func propagateExpiry(of key: RawSpan, at time: Int64, in database: Int) {
        propagate(in: database) { commands in
            commands.array(3)
            commands.bulk("PEXPIREAT")
            commands.bulk(key)
            commands.bulk(decimal: time)
        }
    }

    /// A request has run: tells it as it came if it has changed something and nothing else was said.
    mutating func endPropagation(of request: Request, in database: Int, hasChanged: Bool) {
        if hasChanged, propagation.isVerbatim { propagate(in: database) { $0.append(request) } }
        propagation.endRequest()
    }

    /// Hands what was executed in this turn to those who listen, before any of its replies goes out.
    mutating func flushPropagation() {
        if propagation.listeners.isEmpty { return }
        if propagation.listeners.contains(.appendOnlyFile) { flushAppendOnlyFile() }
        if propagation.listeners.contains(.replicas) { recordPropagation() }
        propagation.removeAll(.all)
    }
}

extension CommandBuffer {
    fileprivate mutating func appendRemoval(of key: RawSpan) {
        array(2)
        bulk("DEL")
        bulk(key)
    }
}
