import Testing

@testable import CodisServer
import TestSupport

struct EvictionPoolTests {
    private func candidate(_ number: Int, score: UInt64) -> EvictionPool.Candidate {
        EvictionPool.Candidate(hash: UInt64(number), database: 0, slot: number % 1024, score: score)
    }

    @Test func theBestComesFirst() {
        var pool = EvictionPool()
        for (number, score) in [5, 1, 9, 3, 9, 2].enumerated() {
            pool.insert(candidate(number, score: UInt64(score)))
        }
        var scores: [UInt64] = []
        while let best = pool.takeBest() { scores.append(best.score) }
        #expect(scores == [9, 9, 5, 3, 2, 1])
        #expect(pool.isEmpty)
    }

    @Test func theWorstMakeRoom() {
        var random = SeededGenerator(for: "EvictionPoolTests.room")
        var pool = EvictionPool()
        var model: [UInt64] = []
        for number in 0..<1000 {
            let score = random.next() % 500
            let isGoodEnough = model.count < EvictionPool.capacity || model.last.map { score > $0 } == true
            let accepts = pool.accepts(score: score)
            #expect(accepts == isGoodEnough, "seed \(random.seed)")
            pool.insert(candidate(number, score: score))
            if isGoodEnough { model.append(score) }
            model.sort(by: >)
            if model.count > EvictionPool.capacity { model.removeLast() }
        }
        var scores: [UInt64] = []
        while let best = pool.takeBest() { scores.append(best.score) }
        #expect(scores == model, "seed \(random.seed)")
    }

    @Test func aKeyIsRememberedOnce() {
        var pool = EvictionPool()
        for _ in 0..<3 {
            for number in 0..<10 { pool.insert(candidate(number, score: UInt64(number / 5))) }
        }
        #expect(pool.count == 10)
        pool.removeAll()
        #expect(pool.isEmpty)
    }
}
