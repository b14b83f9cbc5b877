/// Large values that left their database, to be freed where it hurts nobody: ending this frees every one of them.
///
/// It may end on another thread: nothing else refers to what it holds any more.
@safe
public struct DetachedValues: ~Copyable, @unchecked Sendable {
    private var values: [Value] = []
    /// Bytes that ending this gives back, about.
    public private(set) var bytes = 0

    public init() {}

    /// How many values there are.
    public var count: Int { values.count }

    mutating func append(_ value: Value) {
        bytes += value.estimatedSize
        values.append(value)
    }

    deinit {
        for value in values { value.free() }
    }
}
