import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct HyperLogLogTests {
    @Test("MurmurHash64A: values of the reference implementation")
    func hash() {
        #expect(MurmurHash64A.hash(Array("".utf8).bytes, seed: 0) == 0)
        #expect(MurmurHash64A.hash(Array("".utf8).bytes, seed: 0xadc8_3b19) == 0xd8df_ea65_85bc_9732)
        #expect(MurmurHash64A.hash(Array("hello".utf8).bytes, seed: 0xadc8_3b19) == 0x0f65_6f01_eecf_e400)
        #expect(MurmurHash64A.hash(Array("0123456789abcdef".utf8).bytes, seed: 0xadc8_3b19) == 0x9f85_6542_8eaa_573d)
    }

    @Test("a new one is sparse, empty and counted")
    func new() {
        let counter = HyperLogLog()
        #expect(counter.form == .sparse)
        #expect(counter.string.bytes.array == Array("HYLL".utf8) + [1] + Array(repeating: 0, count: 11) + [0x7F, 0xFF])
        #expect(HyperLogLog.knownCardinality(of: counter.string.bytes) == 0)
    }

    @Test("both forms hold the same registers, whatever the limit of the sparse one", arguments: [0, 50, 500, 3000])
    func formsAgree(limit: Int) throws {
        var sparse = HyperLogLog()
        var dense = HyperLogLog()
        try dense.makeDense()
        for number in 0..<5000 {
            let element = Array(String(number % 4000).utf8)
            let changes = (
                try sparse.add(element.bytes, sparseLimit: limit), try dense.add(element.bytes, sparseLimit: 0)
            )
            #expect(changes.0 == changes.1)
        }
        try sparse.makeDense()
        for index in 0..<HyperLogLog.registerCount { #expect(sparse.register(index) == dense.register(index)) }
    }

    @Test("random bytes behind a good header are counted or refused, and never trap")
    func randomBytes() {
        var random = SeededGenerator(seed: 7)
        var refused = 0
        for _ in 0..<3000 {
            var string = Array("HYLL".utf8) + [1] + Array(repeating: 0, count: 11)
            for _ in 0..<Int.random(in: 0..<40, using: &random) { string.append(.random(in: 0...255, using: &random)) }
            var counter = HyperLogLog(copying: string.bytes)
            do throws(HyperLogLog.Corrupted) {
                for number in 0..<3 { _ = try counter.add(Array("\(number)".utf8).bytes, sparseLimit: 3000) }
                var union = HyperLogLogUnion()
                try union.merge(counter.string.bytes)
                try counter.makeDense()
            } catch {
                refused += 1
            }
        }
        #expect(refused > 2000)
    }

    @Test("registers that no hash can make have an estimate, too")
    func impossibleRegisters() throws {
        let string = Array("HYLL".utf8) + [0] + Array(repeating: 0, count: 11) + Array(repeating: 0xFF, count: 12_288)
        var union = HyperLogLogUnion()
        try union.merge(string.bytes)
        #expect(union.estimate == 0)
    }

    @Test func selfTest() {
        #expect(HyperLogLog.selfTest(sparseLimit: 3000) == nil)
    }
}
