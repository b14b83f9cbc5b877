import Benchmark
import RESP

/// How long it takes to write a reply to the bytes that will be sent.
func replyBufferBenchmarks() {
    let value = Array("value:1000000042".utf8)
    Benchmark("ReplyBuffer: bulk of 16 bytes") { benchmark in
        fill(benchmark.scaledIterations.count) { unsafe $0.bulk(value.span.bytes) }
    }
    Benchmark("ReplyBuffer: integer") { benchmark in
        fill(benchmark.scaledIterations.count) { $0.integer(1_000_042) }
    }
    Benchmark("ReplyBuffer: OK") { benchmark in
        fill(benchmark.scaledIterations.count) { $0.ok() }
    }
}

/// Writes `count` replies and drops them together.
@inline(__always)
private func fill(_ count: Int, _ reply: (inout ReplyBuffer) -> Void) {
    var buffer = ReplyBuffer()
    for _ in 0..<count { reply(&buffer) }
    blackHole(buffer.count)
}
