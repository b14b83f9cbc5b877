import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct StringBlockTests {
    @Test func aBlockFillsItsClass() {
        for (count, spare) in [(0, 0), (1, 0), (16, 0), (17, 5), (1025, 0), (100_000, 1000)] {
            let block = StringBlock.allocate(count: count, spare: spare)
            #expect(block.count == count)
            #expect(block.capacity == Heap.usableSize(for: 16 + count + spare) - 16)
            block.free()
        }
    }

    @Test func growingKeepsTheString() {
        let text = (0..<2000).map { UInt8(truncatingIfNeeded: $0) }
        var block = StringBlock.allocate(count: text.count)
        unsafe text.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: block.start, count: source.count).copyMemory(from: source)
        }
        block = block.grown(to: 50_000)
        let copy = block.bytes.array
        #expect(copy == text && block.count == text.count && block.capacity >= 50_000)
        block.free()
    }

    @Test func memoryComesBack() {
        let left = bytesLeft {
            for size in [1, 100, 5000, 200_000] {
                StringBlock.allocate(count: size, spare: 7).grown(to: 3 * size).free()
            }
        }
        #expect(left == 0)
    }
}
