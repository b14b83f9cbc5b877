/// A few entries that a walk has found and not looked at yet.
///
/// Entries lie all over the memory, and waiting for one of them takes longer than writing it. Where the headers of many
/// are read one behind the other, the processor waits for all of them at once.
struct EntryBatch {
    /// Enough for as many reads as processors have under way at a time, some dozens.
    private var addresses: [48 of UInt] = .init(repeating: 0)
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == addresses.count }

    subscript(index: Int) -> Entry {
        // Only addresses of entries are put in.
        unsafe Entry(UnsafeMutableRawPointer(bitPattern: addresses[index]).unsafelyUnwrapped)
    }

    mutating func append(_ entry: Entry) {
        addresses[count] = entry.address
        count += 1
    }

    /// Leaves the entries out that have this mark.
    mutating func removeAll(withMark mark: Bool) {
        var kept = 0
        for index in 0..<count {
            addresses[kept] = addresses[index]
            // Without a branch, so that a wrong guess does not stop the reads behind it.
            kept += self[index].mark == mark ? 0 : 1
        }
        count = kept
    }
}
