/// When the waiting of clients ends: a binary heap, the earliest first.
///
/// What has been added cannot be taken out before its time; the owner leaves out what no longer holds, and calls
/// ``compact(_:)`` when that gets too much.
struct Deadlines {
    struct Deadline {
        /// Nanoseconds of `Clock.monotonic`.
        let time: Int64
        let client: UInt64
    }

    private var heap: [Deadline] = []

    var count: Int { heap.count }

    var earliest: Deadline? { heap.first }

    /// O(log n).
    mutating func add(_ deadline: Deadline) {
        heap.append(deadline)
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].time < heap[parent].time else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    /// O(log n). There must be one.
    mutating func removeEarliest() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        sink(0)
    }

    /// Keeps the deadlines that `holds` says still hold. O(n).
    mutating func compact(_ holds: (Deadline) -> Bool) {
        heap.removeAll { !holds($0) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].time < heap[smallest].time {
                smallest = child
            }
            if smallest == index { return }
            heap.swapAt(index, smallest)
            index = smallest
        }
    }
}
