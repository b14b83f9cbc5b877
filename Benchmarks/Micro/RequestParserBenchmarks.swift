import Benchmark
import RESP

/// How long it takes to find a request in the bytes of a connection.
func requestParserBenchmarks() {
    let requests = [
        ("GET, 16-byte key", ["GET", "key:000000000042"]),
        ("SET, 16-byte key and value", ["SET", "key:000000000042", "value:1000000042"]),
        ("MSET, 10 pairs", ["MSET"] + (0..<10).flatMap { ["key:00000000000\($0)", "value:100000000\($0)"] }),
    ]
    for (name, arguments) in requests {
        let request = "*\(arguments.count)\r\n" + arguments.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        let input = Array(String(repeating: request, count: 16).utf8)
        Benchmark("RequestParser: \(name), 16 in one read") { benchmark in
            parse(input, count: benchmark.scaledIterations.count)
        }
    }
    let inline = Array(String(repeating: "GET key:000000000042\r\n", count: 16).utf8)
    Benchmark("RequestParser: inline GET, 16 in one read") { benchmark in
        parse(inline, count: benchmark.scaledIterations.count)
    }
}

/// Parses `count` requests, from the front of `input` again whenever its end is reached.
private func parse(_ input: [UInt8], count: Int) {
    let bytes = unsafe input.span.bytes
    var parser = RequestParser()
    var position = 0
    for _ in 0..<count {
        let rest = bytes.extracting(position..<bytes.byteCount)
        guard case .request(let length) = parser.parse(rest) else { preconditionFailure("the input is well-formed") }
        blackHole(parser.request(in: rest).count)
        position += length
        if position == bytes.byteCount { position = 0 }
    }
}
