import Memory

/// What is known of a script while it runs.
struct ScriptRun {
    let digest: ScriptDigest
    /// Who sent EVAL.
    let caller: Client
    /// Whether it may not call commands that change data.
    let isReadOnly: Bool
    /// Whether memory was short when it began, so that commands which need more are refused until it has written.
    let isOutOfMemory: Bool
    /// Nanoseconds of `Clock.monotonic` when this was asked first; most scripts end before.
    var startedAt: Int64?
    /// Whether it has called a command that changes data.
    var hasWritten = false
    /// Whether it has called a command whose answer may be another on a replica.
    var hasActedAtRandom = false
    /// Whether its commands are propagated one by one and not the script itself.
    var isToldByEffects = false
    /// Whether it has asked for that, and may therefore act at random.
    var mayActAtRandom = false
    /// Whether it has taken longer than `lua-time-limit`.
    var isSlow = false
    /// Why it may not go on.
    var end: End?

    enum End {
        /// SCRIPT KILL
        case killed
        /// SHUTDOWN NOSAVE
        case shutdown

        var message: String {
            switch self {
            case .killed: "Script killed by user with SCRIPT KILL..."
            case .shutdown: "The server shuts down..."
            }
        }
    }
}
