import Benchmark
import SlotStorage

/// How long it takes to find the slot of a key.
func slotFunctionBenchmarks() {
    for (name, key) in [
        ("16-byte key", "key:000000000042"),
        ("16-byte key with a tag", "{tag000000004}:2"),
        ("64-byte key", String(repeating: "0123456789abcdef", count: 4)),
    ] {
        let bytes = Array(key.utf8)
        Benchmark("SlotTag: \(name)") { benchmark in
            for _ in benchmark.scaledIterations { unsafe blackHole(SlotTag(of: bytes.span.bytes).slot) }
        }
    }
}
