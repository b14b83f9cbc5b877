import RESP

/// The commands by which a script changes data, as a transaction for each listener.
struct ScriptEffects: ~Copyable {
    private(set) var appendOnlyFile = CommandStream()
    private(set) var replicas = CommandStream()
    /// Whether a script runs and somebody listens.
    var isRecording = false
    /// Whether they are told at the end, and not the script as a whole.
    var areTold = false
    /// Who is told of the next ones.
    var targets = PropagationTargets.all

    /// A script begins, to be told behind what these streams have.
    mutating func begin(after file: borrowing CommandStream, _ others: borrowing CommandStream) {
        appendOnlyFile.begin(after: file)
        replicas.begin(after: others)
        isRecording = true
        areTold = false
        targets = .all
    }

    mutating func append(in database: Int, to listeners: PropagationTargets, _ write: (inout CommandBuffer) -> Void) {
        let told = targets.intersection(listeners)
        if told.contains(.appendOnlyFile) { appendOnlyFile.append(in: database, inTransaction: true, write) }
        if told.contains(.replicas) { replicas.append(in: database, inTransaction: true, write) }
    }

    /// What is recorded has been told, or is not to be.
    mutating func end() {
        appendOnlyFile.removeAll()
        replicas.removeAll()
    }
}
