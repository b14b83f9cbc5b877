import Testing

@testable import Memory
import TestSupport

struct ByteBufferTests {
    @Test func anEmptyBufferHoldsNothing() {
        let allocated = bytesAllocated { _ = ByteBuffer().count }
        #expect(allocated == 0)
        let buffer = ByteBuffer()
        let seen = buffer.bytes.array
        let (isEmpty, capacity) = (buffer.isEmpty, buffer.capacity)
        #expect(seen.isEmpty && isEmpty && capacity == 0)
    }

    @Test func aCopyOfEveryLength() {
        for length in 0...300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let buffer = ByteBuffer(copying: bytes.raw)
            let (copy, count, capacity) = (buffer.bytes.array, buffer.count, buffer.capacity)
            #expect(copy == bytes && count == length && capacity >= length)
        }
    }

    /// Random operations against an array.
    @Test func agreesWithAnArray() {
        var random = SeededGenerator(for: "ByteBufferTests.agreesWithAnArray")
        for _ in 0..<50 {
            var buffer = ByteBuffer()
            var model: [UInt8] = []
            for step in 0..<200 {
                let operation = Int.random(in: 0..<11, using: &random)
                apply(operation, to: &buffer, &model, &random)
                let (seen, count, capacity, isEmpty) = (
                    buffer.bytes.array, buffer.count, buffer.capacity, buffer.isEmpty
                )
                guard seen == model, count == model.count, capacity >= count, isEmpty == model.isEmpty else {
                    Issue.record("seed \(random.seed), step \(step), operation \(operation): \(seen) is not \(model)")
                    return
                }
            }
        }
    }

    private func apply(
        _ operation: Int, to buffer: inout ByteBuffer, _ model: inout [UInt8], _ random: inout SeededGenerator
    ) {
        let length = Int.random(in: 0...40, using: &random)
        switch operation {
        case 0...2:
            let bytes = random.bytes(length)
            buffer.append(bytes.raw)
            model += bytes
        case 3:
            buffer.append(UInt8(length))
            model.append(UInt8(length))
        case 4:
            buffer.appendZeros(length)
            model += [UInt8](repeating: 0, count: length)
        case 5:
            let written = length / 2
            let answered = unsafe buffer.append(upTo: length) { room in
                for index in 0..<written { unsafe room[index] = 7 }
                return min(written, room.count)
            }
            #expect(answered == written)
            model += [UInt8](repeating: 7, count: written)
        case 6:
            let removed = min(length, model.count)
            buffer.removePrefix(removed)
            model.removeFirst(removed)
        case 7:
            buffer.reserve(length * 10)
            #expect(buffer.capacity - model.count >= length * 10)
        case 8:
            buffer.reserveExactly(length)
            #expect(buffer.capacity - model.count >= length)
        case 9 where length < 5:
            buffer.removeAll()
            model = []
        case 9 where length < 10:
            buffer.release()
            model = []
            #expect(buffer.capacity == 0)
        default:
            guard !model.isEmpty else { return }
            let index = Int.random(in: model.indices, using: &random)
            buffer.setByte(at: index, to: 0xee)
            model[index] = 0xee
        }
    }

    @Test func exactReservationTakesTheClassOfTheSize() {
        for size in [1, 9, 100, 129, 5000, 70_000] {
            var buffer = ByteBuffer()
            buffer.reserveExactly(size)
            #expect(buffer.capacity == Heap.usableSize(for: size))
        }
    }

    @Test func growthIsAmortised() {
        var buffer = ByteBuffer()
        var moves = 0
        for _ in 0..<100_000 {
            let capacity = buffer.capacity
            buffer.append(1)
            if buffer.capacity != capacity { moves += 1 }
        }
        #expect(moves <= 17)
    }

    @Test func emptyingKeepsTheMemoryAndReleasingDoesNot() {
        let counter = MemoryCounter()
        let start = counter.balance
        var buffer = ByteBuffer()
        buffer.appendZeros(10_000)
        let held = counter.balance
        buffer.removeAll()
        let emptied = counter.balance
        buffer.release()
        let released = counter.balance
        #expect(held - start == Heap.usableSize(for: 10_000))
        #expect(emptied == held)
        #expect(released == start)
    }

    @Test func theEndOfABufferIsTheEndOfItsMemory() {
        let text = [UInt8]("0123456789")
        #expect(bytesLeft { _ = ByteBuffer(copying: text.raw).count } == 0)
        #expect(bytesAllocated { _ = ByteBuffer(copying: text.raw).count } == 16)
    }

    @Test func aFillThatThrowsChangesNothing() {
        struct Refused: Error {}
        var buffer = ByteBuffer(copying: [1, 2].raw)
        var thrown = false
        do throws(Refused) {
            _ = unsafe try buffer.append(upTo: 8) { _ throws(Refused) in throw Refused() }
        } catch { thrown = true }
        #expect(thrown && buffer.bytes.array == [1, 2])
    }

    @Test func misuseTraps() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer(copying: [1, 2].raw)
            buffer.removePrefix(3)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            _ = unsafe buffer.append(upTo: 4) { _ in 5 }
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func setByte(at index: Int, to value: UInt8) {
        var span = mutableBytes
        span.storeBytes(of: value, toByteOffset: index, as: UInt8.self)
    }
}
