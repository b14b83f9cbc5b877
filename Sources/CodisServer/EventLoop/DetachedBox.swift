import Memory
import SlotStorage

/// Carries keys that left their database to the thread that frees them.
final class DetachedBox: @unchecked Sendable {
    // Unchecked: the event loop fills it and lets go of it before the helper thread sees it.
    private var slots: DetachedSlots?

    init(_ slots: consuming DetachedSlots) { self.slots = consume slots }

    func free() { slots = nil }
}

/// A thread's memory counter, read by the event loop while that thread lives.
final class SharedCounter: @unchecked Sendable {
    // Unchecked: it only reads two words that jemalloc keeps for the thread.
    private let counter = MemoryCounter()

    var balance: Int { counter.balance }
}
