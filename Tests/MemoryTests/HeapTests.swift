import Glibc
import Testing

@testable import Memory
import TestSupport

struct HeapTests {
    /// What jemalloc takes for a request, by its own count.
    private func taken(_ size: Int, _ counter: borrowing MemoryCounter) -> Int {
        let before = counter.balance
        let block = unsafe Heap.allocate(size)
        let taken = counter.balance - before
        unsafe Heap.free(block, size)
        return counter.balance == before ? taken : -1
    }

    @Test func usableSizeIsJemallocsForEverySmallSize() {
        let counter = MemoryCounter()
        for size in 0...65_536 {
            let actual = taken(size, counter)
            if Heap.usableSize(for: size) != actual {
                Issue.record("\(size) bytes take \(actual), not \(Heap.usableSize(for: size))")
                return
            }
        }
    }

    @Test func usableSizeIsJemallocsForLargeSizes() {
        var random = SeededGenerator(for: "HeapTests.largeSizes")
        let counter = MemoryCounter()
        var sizes: [Int] = []
        for shift in 16...30 {
            let power = 1 << shift
            sizes += [power - 1, power, power + 1]
            for _ in 0..<20 { sizes.append(.random(in: power...(2 * power), using: &random)) }
        }
        for size in sizes {
            let actual = taken(size, counter)
            #expect(Heap.usableSize(for: size) == actual, "\(size) bytes")
        }
    }

    /// Sizes that nobody has memory for are right as well, by jemalloc's own function.
    @Test func usableSizeIsWhatNallocxSays() {
        typealias Nallocx = @convention(c) (Int, Int32) -> Int
        guard let symbol = unsafe dlsym(nil, "nallocx") else {
            Issue.record("jemalloc is not linked")
            return
        }
        let nallocx = unsafe unsafeBitCast(symbol, to: Nallocx.self)
        var random = SeededGenerator(for: "HeapTests.nallocx")
        for shift in 0...45 {
            for _ in 0..<200 {
                let size = Int.random(in: (1 << shift)...(2 << shift), using: &random)
                if Heap.usableSize(for: size) != nallocx(size, 0) { Issue.record("\(size) bytes: \(nallocx(size, 0))") }
            }
        }
    }

    @Test func aBlockIsFreedWithAnySizeOfItsClass() {
        for size in [1, 16, 17, 1000, 5000, 100_000] {
            let left = bytesLeft { unsafe Heap.free(Heap.allocate(size), Heap.usableSize(for: size)) }
            #expect(left == 0)
        }
    }

    @Test func reallocationKeepsTheBytes() {
        var size = 1
        var block = unsafe Heap.allocate(size)
        unsafe block.storeBytes(of: 0, as: UInt8.self)
        for new in [8, 9, 100, 4096, 20_000, 70_000, 300, 17, 2] {
            unsafe block = Heap.reallocate(block, new)
            let kept = min(size, new)
            let view = unsafe UnsafeRawBufferPointer(start: block, count: kept)
            let isIntact = (0..<kept).allSatisfy { unsafe view[$0] == UInt8(truncatingIfNeeded: $0) }
            #expect(isIntact, "from \(size) to \(new) bytes")
            for index in kept..<max(new, kept) {
                unsafe block.storeBytes(of: UInt8(truncatingIfNeeded: index), toByteOffset: index, as: UInt8.self)
            }
            size = new
        }
        unsafe Heap.free(block, size)
    }

    @Test(arguments: [64, 128, 512, 1024, 8192])
    func cacheLinesAreAlignedAndZero(size: Int) {
        var areClean = true
        // The second round gets memory that the first has dirtied.
        let left = bytesLeft {
            var blocks = unsafe [UnsafeMutableRawPointer]()
            for _ in 0..<20 {
                let block = unsafe Heap.allocateCacheLines(size)
                if UInt(bitPattern: block) % 64 != 0 { areClean = false }
                let bytes = unsafe UnsafeMutableRawBufferPointer(start: block, count: size)
                for index in 0..<size { if unsafe bytes[index] != 0 { areClean = false } }
                for index in 0..<size { unsafe bytes[index] = 0xff }
                unsafe blocks.append(block)
            }
            for index in 0..<20 { unsafe Heap.freeCacheLines(blocks[index], size) }
        }
        #expect(areClean)
        #expect(left == 0)
    }
}
