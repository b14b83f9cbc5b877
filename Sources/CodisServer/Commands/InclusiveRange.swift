extension Range<Int> {
    /// The part of `count` elements that two ends mean, both inclusive: negative ones count from the end, what lies
    /// outside
    /// is cut off. `nil` where nothing is left.
    ///
    /// As in Redis 2.8, an end before the first element means the first element.
    init?(from start: Int64, through end: Int64, count: Int) {
        let count = Int64(count)
        let first = start < 0 ? Swift.max(0, start + count) : start
        let last = Swift.min(end < 0 ? Swift.max(0, end + count) : end, count - 1)
        guard first <= last else { return nil }
        self = Int(first)..<(Int(last) + 1)
    }

    /// As ``init(from:through:count:)``, but an end before the first element leaves nothing: the ranges of collections.
    init?(ofElementsFrom start: Int64, through end: Int64, count: Int) {
        if end < 0, end + Int64(count) < 0 { return nil }
        self.init(from: start, through: end, count: count)
    }
}
