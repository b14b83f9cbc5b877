internal import Memory

/// How many keys there are in each 32 slots of a database: what finds a slot by its share of all keys.
///
/// A change is one addition, and finding the slot of the n-th key a look at 32 sums and at 32 slots.
@safe
struct SlotShares: ~Copyable {
    /// Keys in all slots.
    private(set) var total = 0
    private let sums: UnsafeMutablePointer<Int>

    private static var groupShift: Int { 5 }
    private static var groupCount: Int { SlotTag.slotCount >> groupShift }

    init() {
        unsafe sums = .allocate(capacity: Self.groupCount)
        unsafe sums.initialize(repeating: 0, count: Self.groupCount)
    }

    deinit { unsafe sums.deallocate() }

    /// Notes that a slot has so many keys more, or fewer.
    @inline(__always)
    mutating func add(_ difference: Int, inSlot slot: Int) {
        total += difference
        unsafe sums[slot >> Self.groupShift] += difference
    }

    mutating func removeAll() {
        total = 0
        unsafe sums.update(repeating: 0, count: Self.groupCount)
    }

    /// A slot, each as likely as it has keys; there must be one. `count` tells how many a slot has.
    func randomSlot(_ random: inout SplitMix, count: (Int) -> Int) -> Int {
        var rest = Int.random(in: 0..<total, using: &random)
        var group = 0
        while unsafe rest >= sums[group] {
            unsafe rest -= sums[group]
            group += 1
        }
        var slot = group << Self.groupShift
        while true {
            let keys = count(slot)
            if rest < keys { return slot }
            rest -= keys
            slot += 1
        }
    }
}
