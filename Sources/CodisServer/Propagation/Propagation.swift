import Memory
import RESP

/// Who hears of changes.
struct PropagationTargets: OptionSet {
    let rawValue: UInt8

    static let appendOnlyFile = PropagationTargets(rawValue: 1 << 0)
    static let replicas = PropagationTargets(rawValue: 1 << 1)
    static let all: PropagationTargets = [.appendOnlyFile, .replicas]
}

/// How changes of the data set reach the append-only file and the replicas.
///
/// A command that has changed something (`Server.dirty` says so) goes into the streams as it came, unless its handler
/// chose another form: one that does not depend on chance or on the clock.
struct Propagation: ~Copyable {
    /// Those that listen. Usually nobody or one, and this is all that a command costs then.
    private(set) var listeners: PropagationTargets = []
    private(set) var appendOnlyFile = CommandStream()
    private(set) var replicas = CommandStream()
    /// Whether the request that runs is told as it came.
    private(set) var isVerbatim = true
    /// Whether EXEC runs.
    private(set) var isInTransaction = false
    /// What the script that runs has done, command by command. Whether this is told or the script itself is decided at its
    /// end.
    private var effects = ScriptEffects()

    /// Lets somebody listen from now on; the first command will tell its database.
    mutating func begin(_ target: PropagationTargets) {
        forgetDatabase(target)
        // What a request kept out while nobody listened is long over.
        if listeners.isEmpty { isVerbatim = true }
        listeners.formUnion(target)
    }

    mutating func end(_ target: PropagationTargets) {
        listeners.subtract(target)
        removeAll(target)
    }

    /// Nobody listens until ``resume(_:)``: the data set is read anew.
    mutating func pause() { listeners = [] }

    /// `targets` listen again; what happened meanwhile they never hear.
    mutating func resume(_ targets: PropagationTargets) {
        listeners = targets
        keepOut()
    }

    /// Lets the next command tell its database.
    mutating func forgetDatabase(_ target: PropagationTargets) {
        if target.contains(.appendOnlyFile) { appendOnlyFile.forgetDatabase() }
        if target.contains(.replicas) { replicas.forgetDatabase() }
    }

    /// Hands what was executed to the append-only file. Answers whether a thread has to be asked to write it.
    mutating func move(to file: AppendOnlyFileWriter) -> Bool { appendOnlyFile.move(to: file) }

    /// Forgets what the listeners have by now.
    mutating func removeAll(_ target: PropagationTargets) {
        if target.contains(.appendOnlyFile) { appendOnlyFile.removeAll() }
        if target.contains(.replicas) { replicas.removeAll() }
    }

    /// Appends commands to the streams of those of `targets` that listen.
    mutating func append(
        in database: Int, to targets: PropagationTargets = .all, _ write: (inout CommandBuffer) -> Void
    ) {
        let targets = targets.intersection(listeners)
        if effects.isRecording { return effects.append(in: database, to: targets, write) }
        if targets.contains(.appendOnlyFile) {
            appendOnlyFile.append(in: database, inTransaction: isInTransaction, write)
        }
        if targets.contains(.replicas) { replicas.append(in: database, inTransaction: isInTransaction, write) }
    }

    /// Appends commands that mean something only together.
    mutating func appendTogether(in database: Int, _ write: (inout CommandBuffer) -> Void) {
        if isInTransaction || effects.isRecording { return append(in: database, write) }
        isInTransaction = true
        append(in: database, write)
        endTransaction()
    }

    /// Appends what a script finds done, even if it is told as a whole.
    mutating func appendBeforeScript(in database: Int, _ write: (inout CommandBuffer) -> Void) {
        let wasRecording = effects.isRecording
        if !effects.areTold { effects.isRecording = false }
        append(in: database, write)
        effects.isRecording = wasRecording
    }

    /// The request that runs is not told: it changes nothing that lasts, or its handler tells it in another form.
    mutating func keepOut() { isVerbatim = false }

    /// A request has ended; the next one is told as it comes again.
    mutating func endRequest() { isVerbatim = true }

    // MARK: Transactions

    /// What follows belongs together.
    mutating func beginTransaction() { isInTransaction = true }

    mutating func endTransaction() {
        isInTransaction = false
        appendOnlyFile.endTransaction()
        replicas.endTransaction()
    }

    // MARK: Scripts

    /// A script begins; unless it wants otherwise, it is told as a whole.
    mutating func beginScript() {
        guard !listeners.isEmpty else { return }
        effects.begin(after: appendOnlyFile, replicas)
    }

    /// The commands of the script that runs, also of those that came before, are told one by one, and belong together.
    mutating func tellScriptByEffects() { effects.areTold = true }

    /// Who is told of the next commands of a script that is told by its effects.
    mutating func setScriptTargets(_ targets: PropagationTargets) { effects.targets = targets }

    /// The script has ended; `isUndone`: as if it had not been.
    mutating func endScript(isUndone: Bool = false) {
        guard effects.isRecording else { return }
        effects.isRecording = false
        if effects.areTold, !isUndone {
            appendOnlyFile.append(effects.appendOnlyFile)
            replicas.append(effects.replicas)
            if !isInTransaction { endTransaction() }
        }
        effects.end()
    }
}
