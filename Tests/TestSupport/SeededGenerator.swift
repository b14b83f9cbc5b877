import Glibc

/// Random numbers that are the same in every run of a test, so that a change alone can make it fail. `TEST_SEED` sets
/// another seed, or `random` ones, which are printed.
public struct SeededGenerator: RandomNumberGenerator {
    public let seed: UInt64
    private var state: UInt64

    public init(for test: String) {
        guard let given = unsafe getenv("TEST_SEED").map({ unsafe String(cString: $0) }) else {
            // FNV-1a of the name.
            self.init(seed: test.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
            return
        }
        let seed = UInt64(given) ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): TEST_SEED=\(seed)")
        self.init(seed: seed)
    }

    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// SplitMix64.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// `count` random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// True once in `count` times.
    public mutating func once(in count: Int) -> Bool {
        Int.random(in: 0..<count, using: &self) == 0
    }

    /// One of several.
    public mutating func pick<Choices: RandomAccessCollection>(_ choices: Choices) -> Choices.Element {
        // The collections here are constants that are never empty.
        choices.randomElement(using: &self)!
    }
}
