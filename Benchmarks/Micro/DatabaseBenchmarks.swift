import Benchmark
import SlotStorage

/// How long it takes to find and to change a key among few, which the processor's caches hold, and among many.
func databaseBenchmarks() {
    for (name, count) in [("1,000 keys", 1_000), ("1,000,000 keys", 1_000_000)] {
        Benchmark("Database: find, \(name)") { benchmark, filled in
            filled.visit(benchmark.scaledIterations.count) { keyspace, key in
                blackHole(keyspace[0].find(key) != nil)
            }
        } setup: {
            FilledKeyspace(count)
        }
        Benchmark("Database: overwrite 16 bytes, \(name)") { benchmark, filled in
            let value = Array("value:1000000042".utf8)
            filled.visit(benchmark.scaledIterations.count) { keyspace, key in
                unsafe keyspace[0].setString(key, value.span.bytes)
            }
        } setup: {
            FilledKeyspace(count)
        }
        Benchmark("Database: remove and set again, \(name)") { benchmark, filled in
            let value = Array("value:1000000042".utf8)
            filled.visit(benchmark.scaledIterations.count) { keyspace, key in
                blackHole(keyspace[0].remove(key))
                unsafe keyspace[0].setString(key, value.span.bytes)
            }
        } setup: {
            FilledKeyspace(count)
        }
    }
}

/// A database of 16-byte keys with 16-byte values, and its keys in an order that has nothing to do with their places.
private final class FilledKeyspace {
    private static let keyLength = 16
    private var keyspace = Keyspace(databaseCount: 1, hashSeed: 42)
    /// One behind the other.
    private let keys: [UInt8]
    private let count: Int
    private var next = 0

    init(_ count: Int) {
        self.count = count
        var random = SplitMix(state: 42)
        keys = (0..<count).shuffled(using: &random).flatMap { number in
            let digits = String(number)
            return Array(("key:" + String(repeating: "0", count: 12 - digits.count) + digits).utf8)
        }
        let value = Array("value:1000000042".utf8)
        visit(count) { keyspace, key in unsafe keyspace[0].setString(key, value.span.bytes) }
        precondition(keyspace[0].count == count, "every key is there")
    }

    /// Gives `body` the next `count` keys in turn.
    @inline(__always)
    func visit(_ count: Int, _ body: (inout Keyspace, RawSpan) -> Void) {
        visit(&keyspace, &next, count, body)
    }

    /// Takes the state by reference, so that it is checked once and not for every key.
    @inline(__always)
    private func visit(
        _ keyspace: inout Keyspace, _ next: inout Int, _ count: Int, _ body: (inout Keyspace, RawSpan) -> Void
    ) {
        let keys = self.keys
        let bytes = unsafe keys.span.bytes
        for _ in 0..<count {
            let start = next * Self.keyLength
            body(&keyspace, bytes.extracting(start..<start + Self.keyLength))
            next = next + 1 == self.count ? 0 : next + 1
        }
    }
}

/// A generator whose numbers are the same in every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
