/// A large value that left its database, to be freed where it hurts nobody: ending it gives back its memory.
///
/// It may end on another thread: nothing else refers to what it holds any more.
@safe
public struct DetachedValue: ~Copyable, @unchecked Sendable {
    private let value: Value

    /// Values with fewer allocations than this are freed at once.
    static let leastEffort = 64

    init(_ value: Value) { self.value = value }

    deinit { value.free() }
}
