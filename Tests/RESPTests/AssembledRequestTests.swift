import Memory
import Testing

@testable import RESP
import TestSupport

struct AssembledRequestTests {
    private static func arguments(_ request: borrowing Request) -> [[UInt8]] {
        var all: [[UInt8]] = []
        for index in 0..<request.count { all.append(request[index].array) }
        return all
    }

    @Test func argumentsAreThereInTheirOrder() {
        var assembled = AssembledRequest()
        for round in 0..<3 {
            assembled.removeAll()
            let arguments = (0..<(round * 40)).map { [UInt8](repeating: UInt8($0), count: $0 * 7 % 50) }
            for argument in arguments { assembled.append(argument.raw) }
            #expect(Self.arguments(assembled.request) == arguments)
            #expect(assembled.byteCount == arguments.map(\.count).reduce(0, +))
        }
    }

    @Test func theNextRequestHasTheMemoryOfTheLast() {
        var assembled = AssembledRequest()
        let large = [UInt8](repeating: 1, count: 1_000_000)
        let left = bytesLeft {
            for _ in 0..<3 { assembled.append(large.raw) }
            assembled.removeAll()
        }
        #expect(left == 0, "what a large request needed is given back")
        let small: [UInt8] = [1, 2, 3]
        for _ in 0..<10 { assembled.append(small.raw) }
        let allocated = bytesAllocated {
            assembled.removeAll()
            for _ in 0..<10 { assembled.append(small.raw) }
        }
        #expect(allocated == 0)
    }
}
