import Memory
import Testing

@testable import RESP
import TestSupport

struct ReplyBufferMovingTests {
    /// Sizes around those at which chunks are full, copying ends, and chunks get sizes of their own.
    private static let sizes = [0, 1, 100, 4095, 4096, 4097, 16_351, 16_352, 16_353, 20_000, 100_000]

    private static func filled(_ size: Int, _ byte: UInt8) -> ReplyBuffer {
        var buffer = ReplyBuffer()
        // Part by part, so that there are chunks of the usual size.
        for start in stride(from: 0, to: size, by: 1000) {
            buffer.append([UInt8](repeating: byte, count: min(1000, size - start)).raw)
        }
        return buffer
    }

    @Test(arguments: sizes, sizes)
    func whatIsMovedComesBehindWhatWasThere(_ first: Int, _ second: Int) {
        var buffer = Self.filled(first, 1)
        var other = Self.filled(second, 2)
        buffer.append(movingFrom: &other)
        let (isEmpty, allocated, chunks) = (other.isEmpty, other.allocatedBytes, other.chunkCount)
        #expect(isEmpty && allocated == 0 && chunks == 0)
        buffer.append([3].raw)
        let count = buffer.count
        #expect(count == first + second + 1)
        let expected = [UInt8](repeating: 1, count: first) + [UInt8](repeating: 2, count: second) + [3]
        #expect(buffer.drainAll() == expected)
        let (left, memory) = (buffer.isEmpty, buffer.allocatedBytes)
        #expect(left && memory == 0)
    }

    @Test(arguments: sizes)
    func allBytesAreSeenAtOnce(_ size: Int) {
        let buffer = Self.filled(size, 7)
        let isRight = buffer.withBytes { $0.elementsEqual([UInt8](repeating: 7, count: size).raw) }
        #expect(isRight)
    }

    @Test func nothingIsLeft() {
        let left = bytesLeft {
            var buffer = Self.filled(50_000, 1)
            var other = Self.filled(50_000, 2)
            buffer.append(movingFrom: &other)
            _ = buffer.withBytes { $0.byteCount }
        }
        #expect(left == 0)
    }
}
