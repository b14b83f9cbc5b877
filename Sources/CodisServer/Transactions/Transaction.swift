import Memory
import RESP

/// What a connection has to do with transactions: the commands that wait for EXEC, and the keys that must not change
/// until then. A client has one only from its first WATCH or MULTI on, until EXEC, DISCARD or UNWATCH.
final class Transaction {
    /// Whether MULTI was called, and commands are queued.
    var isOpen = false
    /// A command could not be queued: EXEC executes nothing and says so.
    var isSpoiled = false
    /// A watched key was changed: EXEC executes nothing and replies nothing.
    var isOutdated = false
    private(set) var commands: [QueuedCommand] = []
    private(set) var watchedKeys: [WatchedKey] = []

    deinit {
        for queued in commands { queued.owned.destroy() }
    }

    func enqueue(_ command: Command, _ request: borrowing Request) {
        commands.append(QueuedCommand(command: command, owned: Handle(OwnedRequest(copying: request))))
    }

    /// `false` when the key was watched already.
    func watch(_ key: WatchedKey) -> Bool {
        // A client watches few keys; a list is smaller than a set, and as fast.
        if watchedKeys.contains(key) { return false }
        watchedKeys.append(key)
        return true
    }

    /// Whether nothing is to be kept.
    var isEmpty: Bool { !isOpen && watchedKeys.isEmpty }

    /// Forgets the watched keys, and with them that one has changed.
    func unwatch() {
        watchedKeys = []
        isOutdated = false
    }
}

/// A command between MULTI and EXEC; its ``Transaction`` owns the request.
struct QueuedCommand {
    let command: Command
    let owned: Handle<OwnedRequest>

    /// Good as long as the transaction lives.
    var request: Request {
        @_lifetime(borrow self)
        get { owned.value.request }
    }
}
