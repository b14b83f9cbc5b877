import Memory

@testable import SlotStorage

/// An element for tables: a hash of the test's choice and a number.
struct TestNode: BucketElement {
    static func hash(at address: UnsafeMutableRawPointer) -> UInt64 { unsafe address.load(as: UInt64.self) }

    static func number(at address: UnsafeMutableRawPointer) -> Int {
        unsafe address.load(fromByteOffset: 8, as: Int.self)
    }
}

/// `count` nodes side by side, numbered from 0.
@safe
final class TestNodes {
    let hashes: [UInt64]
    private let base: UnsafeMutableRawPointer

    init(hashes: [UInt64]) {
        self.hashes = hashes
        unsafe base = Heap.allocate(hashes.count * 16)
        for (number, hash) in hashes.enumerated() {
            unsafe base.storeBytes(of: hash, toByteOffset: number * 16, as: UInt64.self)
            unsafe base.storeBytes(of: number, toByteOffset: number * 16 + 8, as: Int.self)
        }
    }

    deinit { unsafe Heap.free(base, hashes.count * 16) }

    var count: Int { hashes.count }

    func address(_ number: Int) -> UnsafeMutableRawPointer { unsafe base + number * 16 }
}

extension BucketTable where Element == TestNode {
    mutating func insert(_ number: Int, of nodes: TestNodes, marked: Bool = false) {
        unsafe insert(nodes.address(number), hash: nodes.hashes[number], marked: marked)
    }

    func contains(_ number: Int, of nodes: TestNodes) -> Bool {
        let wanted = unsafe nodes.address(number)
        return unsafe find(nodes.hashes[number], where: { unsafe $0 == wanted }) != nil
    }

    /// `false` when the node is not in the table.
    mutating func remove(_ number: Int, of nodes: TestNodes) -> Bool {
        let wanted = unsafe nodes.address(number)
        guard let word = unsafe find(nodes.hashes[number], where: { unsafe $0 == wanted }) else { return false }
        unsafe remove(word, hash: nodes.hashes[number])
        return true
    }

    /// The numbers of all nodes in the table.
    var numbers: [Int] {
        var numbers: [Int] = []
        unsafe forEach { unsafe numbers.append(TestNode.number(at: $0)) }
        return numbers
    }

    /// The numbers of all marked nodes.
    var markedNumbers: [Int] {
        var numbers: [Int] = []
        for index in 0..<Int(bucketCount) {
            unsafe forEach(inBucket: index, onlyMarked: true) { unsafe numbers.append(TestNode.number(at: $0)) }
        }
        return numbers
    }
}
