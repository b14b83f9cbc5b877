import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct BucketTableTests {
    /// Ways to make hashes, from the ordinary to the worst.
    enum Hashes: String, CaseIterable {
        case random
        case allEqual
        /// Few buckets, and the same fingerprint everywhere.
        case lowBits
        /// One bucket and different fingerprints.
        case fingerprintsOnly
        /// Equal in all bits that a word keeps.
        case beyondTheWord

        func make(_ count: Int, _ random: inout SeededGenerator) -> [UInt64] {
            (0..<count).map { number in
                switch self {
                case .random: random.next()
                case .allEqual: 0x5aa5_0000_0000_1234
                case .lowBits: UInt64(number % 5)
                case .fingerprintsOnly: UInt64(number) << 56
                case .beyondTheWord: UInt64(number) << 15 & 0xffff_ffff
                }
            }
        }

        /// Chains make every step slow where all hashes share a bucket.
        var largestSize: Int { self == .random || self == .beyondTheWord ? 400 : 150 }
    }

    /// Grows a table to every size and shrinks it again, marks and finds included.
    @Test(arguments: Hashes.allCases)
    func everySize(_ hashes: Hashes) {
        var random = SeededGenerator(for: "BucketTableTests.everySize(\(hashes))")
        for size in 0...hashes.largestSize {
            let nodes = TestNodes(hashes: hashes.make(size, &random))
            var table = BucketTable<TestNode>()
            for number in 0..<size {
                if table.contains(number, of: nodes) { return fail("\(number) is there before it is inserted") }
                table.insert(number, of: nodes, marked: number % 3 == 0)
                if !table.contains(number, of: nodes) { return fail("\(number) of \(size) is not found") }
            }
            guard isRight(table, Set(0..<size), marked: Set((0..<size).filter { $0 % 3 == 0 }), nodes) else {
                return fail("seed \(random.seed): table of \(size)")
            }
            var left = Set(0..<size)
            for number in (0..<size).shuffled(using: &random) {
                if !table.remove(number, of: nodes) { return fail("\(number) of \(size) is not found") }
                if table.contains(number, of: nodes) { return fail("\(number) is there after its removal") }
                left.remove(number)
                guard left.count % 29 != 0 || isRight(table, left, marked: left.filter { $0 % 3 == 0 }, nodes) else {
                    return fail("seed \(random.seed): table of \(size) shrunk to \(left.count)")
                }
            }
            if table.bucketCount != 0 { return fail("an empty table has buckets") }
        }
    }

    private func isRight(
        _ table: borrowing BucketTable<TestNode>, _ expected: Set<Int>, marked: Set<Int>, _ nodes: TestNodes
    ) -> Bool {
        let numbers = table.numbers
        let markedNumbers = table.markedNumbers
        return numbers.count == expected.count && Set(numbers) == expected && table.count == expected.count
            && markedNumbers.count == marked.count && Set(markedNumbers) == marked && table.markedCount == marked.count
            && expected.allSatisfy { table.contains($0, of: nodes) } && hasRightShape(table)
    }

    /// The linear hash's invariant, and neither too full nor too empty.
    private func hasRightShape(_ table: borrowing BucketTable<TestNode>) -> Bool {
        let (buckets, half) = (Int(table.bucketCount), Int(table.mask) + 1)
        if table.count == 0 { return buckets == 0 }
        return half & (half - 1) == 0 && half <= buckets && buckets <= 2 * half && 2 * table.count <= 11 * buckets + 1
            && (table.count >= 2 * buckets - 2 || buckets == 1)
    }

    @Test func randomOperationsAgainstADictionary() {
        var random = SeededGenerator(for: "BucketTableTests.randomOperations")
        for hashes in Hashes.allCases {
            let nodes = TestNodes(hashes: hashes.make(hashes.largestSize, &random))
            var table = BucketTable<TestNode>()
            var model: [Int: Bool] = [:]
            for step in 0..<6000 {
                // Long phases of growing and of shrinking.
                let grows = (step / 1000) % 2 == 0
                let number = Int.random(in: 0..<nodes.count, using: &random)
                if model[number] == nil, Int.random(in: 0..<10, using: &random) < (grows ? 9 : 3) {
                    let marked = Bool.random(using: &random)
                    table.insert(number, of: nodes, marked: marked)
                    model[number] = marked
                } else if model[number] != nil, Int.random(in: 0..<10, using: &random) < (grows ? 3 : 9) {
                    _ = table.remove(number, of: nodes)
                    model[number] = nil
                } else if model[number] != nil {
                    let marked = Bool.random(using: &random)
                    table.replace(number, of: nodes, marked: marked)
                    model[number] = marked
                }
                if table.contains(number, of: nodes) != (model[number] != nil) {
                    return fail("seed \(random.seed), \(hashes), step \(step): \(number)")
                }
                let marked = Set(model.filter(\.value).keys)
                guard step % 50 != 0 || isRight(table, Set(model.keys), marked: marked, nodes) else {
                    return fail("seed \(random.seed), \(hashes), step \(step)")
                }
            }
        }
    }

    @Test func aReplacedElementIsFoundAtItsNewPlace() {
        let nodes = TestNodes(hashes: [7, 8, 7])
        var table = BucketTable<TestNode>()
        table.insert(0, of: nodes)
        table.insert(1, of: nodes, marked: true)
        let old = unsafe nodes.address(0)
        if let word = unsafe table.find(7, where: { unsafe $0 == old }) {
            unsafe table.replace(word, with: nodes.address(2), marked: true)
        }
        #expect(!table.contains(0, of: nodes) && table.contains(2, of: nodes) && table.contains(1, of: nodes))
        #expect(table.markedCount == 2 && table.count == 2)
        #expect(table.remove(2, of: nodes) && table.markedCount == 1)
    }

    /// Above 2^15 buckets the words no longer hold all the bits that decide, and the elements are asked.
    @Test func moreBucketsThanAWordHasHashBits() {
        let size = 200_000
        var random = SeededGenerator(for: "BucketTableTests.large")
        let nodes = TestNodes(hashes: Hashes.random.make(size, &random))
        let left = bytesLeft {
            var table = BucketTable<TestNode>()
            for number in 0..<size { table.insert(number, of: nodes, marked: number & 1 == 0) }
            if table.bucketCount <= 1 << 15 { fail("only \(table.bucketCount) buckets") }
            if Set(table.numbers).count != size || table.markedCount != size / 2 { fail("elements are missing") }
            for number in 0..<size where !table.contains(number, of: nodes) { return fail("\(number) is not found") }
            if !hasRightShape(table) { fail("wrong shape") }
            for number in 0..<size {
                // An odd stride visits every number once.
                guard table.remove(number &* 77_773 % size, of: nodes) else { return fail("not found") }
                if number == size / 2, Set(table.numbers).count != size - number - 1 { fail("lost while shrinking") }
            }
            if table.count != 0 || table.bucketCount != 0 { fail("not empty") }
        }
        #expect(left == 0)
    }

    @Test(arguments: [1, 5, 6, 7, 50, 88, 89, 100, 1000, 20_000])
    func allMemoryComesBack(_ size: Int) {
        var random = SeededGenerator(for: "BucketTableTests.memory(\(size))")
        for hashes in [Hashes.random, .allEqual] where hashes == .random || size <= 100 {
            let nodes = TestNodes(hashes: hashes.make(size, &random))
            let abandoned = bytesLeft {
                var table = BucketTable<TestNode>()
                for number in 0..<size { table.insert(number, of: nodes) }
            }
            #expect(abandoned == 0, "a full table that ends")
            let partly = bytesLeft {
                var table = BucketTable<TestNode>()
                for number in 0..<size { table.insert(number, of: nodes) }
                for number in 0..<(size * 3 / 4) { _ = table.remove(number, of: nodes) }
            }
            #expect(partly == 0, "a table that has shrunk and ends")
            var table = BucketTable<TestNode>()
            let emptied = bytesLeft {
                for number in 0..<size { table.insert(number, of: nodes) }
                for number in 0..<size { _ = table.remove(number, of: nodes) }
            }
            #expect(emptied == 0, "a table that is emptied")
        }
    }

    /// Overflow buckets go as soon as what they hold fits without them.
    @Test func oneMoreAndOneLessChangesNothing() {
        let nodes = TestNodes(hashes: [UInt64](repeating: 77, count: 100))
        let counter = MemoryCounter()
        var table = BucketTable<TestNode>()
        for number in 0..<100 {
            let (buckets, before) = (table.bucketCount, counter.balance)
            table.insert(number, of: nodes)
            let hasGrown = table.bucketCount != buckets
            _ = table.remove(number, of: nodes)
            let after = counter.balance
            if !hasGrown, after != before {
                return fail("\(number) elements and one for a moment: \(after - before) bytes")
            }
            table.insert(number, of: nodes)
        }
        #expect(table.count == 100)
    }

    /// Small tables pay for their directory and for the two buckets at a time that they grow by.
    @Test(arguments: [(50, 18.0), (100, 17), (200, 16.5), (1000, 16), (10_000, 15.5), (100_000, 15.5)])
    func whatAnElementCosts(_ size: Int, _ limit: Double) {
        let nodes = TestNodes(hashes: (0..<size).map { Hashing.hash(UInt64($0)) })
        let counter = MemoryCounter()
        let before = counter.balance
        var table = BucketTable<TestNode>()
        for number in 0..<size { table.insert(number, of: nodes) }
        let taken = counter.balance - before
        #expect(Double(taken) / Double(table.count) < limit)
    }
}

extension BucketTable where Element == TestNode {
    fileprivate mutating func replace(_ number: Int, of nodes: TestNodes, marked: Bool) {
        let wanted = unsafe nodes.address(number)
        guard let word = unsafe find(nodes.hashes[number], where: { unsafe $0 == wanted }) else { return }
        unsafe replace(word, with: wanted, marked: marked)
    }
}
