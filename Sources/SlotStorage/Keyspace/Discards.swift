/// Where the databases of a keyspace leave large values that were removed or overwritten, until somebody takes them who
/// has time to free them: a value of ten million elements takes a second.
final class Discards {
    private var values = DetachedValues()

    /// The effort of freeing beyond which a value is kept for later; below it, freeing costs no more than handing over.
    private static let leastEffort = 64

    var isEmpty: Bool { values.count == 0 }

    /// About how many bytes wait here.
    var bytes: Int { values.bytes }

    /// Frees a value, now or later.
    func add(_ value: Value) {
        if value.freeEffort <= Self.leastEffort { value.free() } else { values.append(value) }
    }

    /// Hands out what there is.
    func take() -> DetachedValues {
        var taken = DetachedValues()
        swap(&taken, &values)
        return taken
    }
}
