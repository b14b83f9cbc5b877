import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Walking through a table that changes, and drawing from it.
struct BucketTableScanTests {
    @Test func aTableAtRestIsVisitedOnce() {
        for size in Array(0...120) + [500, 5000] {
            let nodes = TestNodes(hashes: (0..<size).map { Hashing.hash(UInt64($0)) })
            var table = BucketTable<TestNode>()
            for number in 0..<size { table.insert(number, of: nodes) }
            var visited: [Int] = []
            var cursor: UInt64 = 0
            repeat { cursor = table.step(cursor, &visited) } while cursor != 0
            if visited.sorted() != Array(0..<size) { return fail("size \(size): \(visited.count) visits") }
        }
    }

    /// What is there from the first step to the last is seen, however wildly the table grows and shrinks in between.
    @Test func whatIsThereAllTheTimeIsVisited() {
        var random = SeededGenerator(for: "BucketTableScanTests.guarantee")
        for round in 0..<150 {
            let stable = Int.random(in: 0...300, using: &random)
            let size = stable + [10, 100, 3000][round % 3]
            let nodes = TestNodes(hashes: (0..<size).map { _ in random.next() })
            var table = BucketTable<TestNode>()
            var present = Set<Int>()
            for number in 0..<stable { table.insert(number, of: nodes) }
            var visited: [Int] = []
            var cursor: UInt64 = 0
            var steps = 0
            repeat {
                change(&table, &present, stable..<size, nodes, &random)
                cursor = table.step(cursor, &visited)
                steps += 1
            } while cursor != 0 && steps < 20_000
            let missed = Set(0..<stable).subtracting(visited)
            if !missed.isEmpty || cursor != 0 {
                return fail(
                    "seed \(random.seed), round \(round): \(missed.count) of \(stable) missed in \(steps) steps")
            }
        }
    }

    /// Usually a few changes, now and then all that can come or go.
    private func change(
        _ table: inout BucketTable<TestNode>, _ present: inout Set<Int>, _ volatile: Range<Int>, _ nodes: TestNodes,
        _ random: inout SeededGenerator
    ) {
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            for number in volatile where present.insert(number).inserted { table.insert(number, of: nodes) }
        case 1:
            for number in present { _ = table.remove(number, of: nodes) }
            present = []
        default:
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let number = Int.random(in: volatile, using: &random)
                if present.remove(number) != nil {
                    _ = table.remove(number, of: nodes)
                } else {
                    table.insert(number, of: nodes)
                    present.insert(number)
                }
            }
        }
    }

    /// Cursors come from clients.
    @Test func anyCursorEnds() {
        var random = SeededGenerator(for: "BucketTableScanTests.cursor")
        let nodes = TestNodes(hashes: (0..<1000).map { _ in random.next() })
        var table = BucketTable<TestNode>()
        for number in 0..<1000 { table.insert(number, of: nodes) }
        for _ in 0..<200 {
            var cursor = random.next()
            var visited: [Int] = []
            var steps = 0
            repeat {
                cursor = table.step(cursor, &visited)
                steps += 1
            } while cursor != 0 && steps <= 1000
            if cursor != 0 { return fail("seed \(random.seed): no end") }
        }
        let empty = BucketTable<TestNode>()
        var visited: [Int] = []
        let next = empty.step(12_345, &visited)
        #expect(next == 0 && visited.isEmpty)
    }

    /// Each element is drawn about as often as any other: within 7 standard deviations, which a draw of equal chances
    /// leaves once in 10^11 times.
    @Test(arguments: [1, 2, 7, 40, 300, 2000])
    func randomElements(_ size: Int) {
        var random = SeededGenerator(for: "BucketTableScanTests.random(\(size))")
        let nodes = TestNodes(hashes: (0..<size).map { _ in random.next() })
        var table = BucketTable<TestNode>()
        for number in 0..<size { table.insert(number, of: nodes) }
        let share = 400
        var drawn = [Int](repeating: 0, count: size)
        for _ in 0..<(size * share) {
            guard let address = unsafe table.randomElement(&random) else { return fail("nothing drawn") }
            unsafe drawn[TestNode.number(at: address)] += 1
        }
        #expect(drawn.allSatisfy { abs($0 - share) <= 140 }, "seed \(random.seed): \(drawn.min()!) to \(drawn.max()!)")
    }

    @Test func nothingIsDrawnFromAnEmptyTable() {
        var random = SeededGenerator(seed: 1)
        let table = BucketTable<TestNode>()
        let element = unsafe table.randomElement(&random)
        let isNothing = unsafe element == nil
        #expect(isNothing)
    }
}

extension BucketTable where Element == TestNode {
    /// One step of a scan.
    fileprivate func step(_ cursor: UInt64, _ visited: inout [Int]) -> UInt64 {
        unsafe scan(cursor) { unsafe visited.append(TestNode.number(at: $0)) }
    }
}
