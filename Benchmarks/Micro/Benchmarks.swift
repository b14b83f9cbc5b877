import Benchmark

/// All micro-benchmarks; each figure is the time of one operation on one thread.
let benchmarks: @Sendable () -> Void = {
    unsafe Benchmark.defaultConfiguration = .init(  // nothing else runs yet
        metrics: [.wallClock, .throughput], warmupIterations: 10, scalingFactor: .kilo, maxDuration: .seconds(1))
    requestParserBenchmarks()
    replyBufferBenchmarks()
    slotFunctionBenchmarks()
    databaseBenchmarks()
}
