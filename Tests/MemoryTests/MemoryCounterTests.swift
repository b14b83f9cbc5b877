import Foundation
import Synchronization
import Testing

@testable import Memory

struct MemoryCounterTests {
    @Test func allocatingAndFreeingMoveItExactly() {
        let counter = MemoryCounter()
        for size in [1, 8, 40, 100, 1000, 16_384, 1 << 20, 10_000_000] {
            let (balance, allocated) = (counter.balance, counter.allocatedBytes)
            let block = unsafe Heap.allocate(size)
            let (balanceHeld, allocatedHeld) = (counter.balance, counter.allocatedBytes)
            unsafe Heap.free(block, size)
            let (balanceAfter, allocatedAfter) = (counter.balance, counter.allocatedBytes)
            #expect(balanceHeld - balance == Heap.usableSize(for: size))
            #expect(allocatedHeld - allocated == Heap.usableSize(for: size))
            #expect(balanceAfter == balance)
            #expect(allocatedAfter == allocatedHeld, "what was ever allocated does not shrink")
        }
    }

    @Test func whatOneThreadAllocatesAndAnotherFreesIsRightInTheSum() {
        @unsafe struct Block: @unchecked Sendable { let base: UnsafeMutableRawPointer }
        let size = 5000
        let counter = MemoryCounter()
        let before = counter.balance
        let block = unsafe Block(base: Heap.allocate(size))
        let gained = counter.balance - before
        let lost = Mutex<Int?>(nil)
        withExtendedLifetime(lost) {
            let ended = DispatchSemaphore(value: 0)
            let thread = Thread {
                let counter = MemoryCounter()
                let before = counter.balance
                unsafe Heap.free(block.base, size)
                let change = counter.balance - before
                lost.withLock { $0 = change }
                ended.signal()
            }
            thread.start()
            ended.wait()
        }
        let change = lost.withLock { $0 }
        #expect(gained == Heap.usableSize(for: size))
        #expect(change == -gained)
    }

    @Test func statisticsOfTheProcess() {
        let size = 50_000_000
        let before = AllocatorStatistics.current()
        let block = unsafe Heap.allocate(size)
        let held = AllocatorStatistics.current()
        unsafe Heap.free(block, size)
        #expect(before.allocated > 0)
        // Other tests run at the same time, and none of them is nearly as large.
        #expect(held.allocated - before.allocated > size / 2)
        #expect(held.active >= held.allocated && held.mapped >= held.active && held.resident > 0)
        #expect(AllocatorStatistics.version.split(separator: ".").count == 3)
    }
}
