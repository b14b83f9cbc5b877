import Memory
import Testing

@testable import RESP

struct ArgumentListTests {
    @Test func agreesWithAnArrayAtEverySize() {
        var list = ArgumentList()
        for size in 0...100 {
            let pairs = (0..<list.ranges.count).map { (Int(list.ranges[$0].offset), Int(list.ranges[$0].length)) }
            #expect(pairs.map(\.0) == (0..<size).map { $0 * 10 })
            #expect(pairs.map(\.1) == Array(0..<size))
            list.append(ArgumentRange(offset: size * 10, length: size))
        }
        list.removeAll()
        let rest = list.ranges.count
        #expect(rest == 0)
    }

    @Test func roomForSixteenIsKeptAndMoreIsGivenBack() {
        let counter = MemoryCounter()
        let start = counter.balance
        var list = ArgumentList()
        for index in 0..<16 { list.append(ArgumentRange(offset: index, length: 1)) }
        list.removeAll()
        let kept = counter.balance - start
        for index in 0..<17 { list.append(ArgumentRange(offset: index, length: 1)) }
        let grown = counter.balance - start
        list.removeAll()
        let released = counter.balance - start
        #expect(kept == 128 && grown == 256 && released == 0)
    }
}
