import Memory

/// The bytes that `body` leaves allocated on this thread. It runs twice, and the second time counts: the first makes
/// what the Swift runtime keeps for ever.
public func bytesLeft(by body: () -> Void) -> Int {
    body()
    let counter = MemoryCounter()
    let before = counter.balance
    body()
    return counter.balance - before
}

/// The bytes that `body` allocates on this thread, freed or not, in the second of two runs.
public func bytesAllocated(by body: () -> Void) -> Int {
    body()
    let counter = MemoryCounter()
    let before = counter.allocatedBytes
    body()
    return counter.allocatedBytes - before
}
