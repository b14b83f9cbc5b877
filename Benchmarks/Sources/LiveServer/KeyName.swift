/// Names of keys, in the form of those that `redis-benchmark -r` makes.
public enum KeyName {
    /// 16 bytes: `key:000000000042`.
    public static func numbered(_ number: Int) -> String { "key:" + digits(number, 12) }

    /// 20 bytes, the keys of its test `incr`: `counter:000000000042`.
    public static func counter(_ number: Int) -> String { "counter:" + digits(number, 12) }

    /// 16 bytes, and ten keys share a tag: `{tag000000004}:2`.
    public static func tagged(_ number: Int) -> String { "{tag" + digits(number / 10, 9) + "}:\(number % 10)" }

    /// The first `count` numbered names of each of `slots`, found by trying one after the other.
    ///
    /// Takes about 1024 tries a name and slot, 200 million (about a second) for 200,000 names of a single slot.
    public static func numbered(count: Int, inEach slots: Range<Int>) -> [[String]] {
        var found = [[String]](repeating: [], count: slots.count)
        var missing = count * slots.count
        let endings = (0..<1000).map { Array(digits($0, 3).utf8) }
        var thousand = 0
        while missing > 0 {
            let beginning = "key:" + digits(thousand, 9)
            var hash = SlotHash()
            hash.combine(beginning.utf8)
            for ending in 0..<1000 {
                var full = hash
                full.combine(endings[ending])
                let slot = full.slot
                if slots.contains(slot), found[slot - slots.lowerBound].count < count {
                    found[slot - slots.lowerBound].append(numbered(thousand * 1000 + ending))
                    missing -= 1
                }
            }
            thousand += 1
        }
        return found
    }

    /// `number` in decimal, filled up with zeros to `width`.
    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: width - text.count) + text
    }
}
