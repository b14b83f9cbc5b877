import Memory
import Testing

@testable import RESP
import TestSupport

struct ReplyBufferTests {
    /// Bytes of an ordinary chunk.
    private static let chunk = unsafe ReplyBuffer.Chunk.usualSize - ReplyBuffer.Chunk.headerSize

    @Test func anEmptyBufferHoldsNothing() {
        let allocated = bytesAllocated { _ = ReplyBuffer().count }
        #expect(allocated == 0)
        var buffer = ReplyBuffer()
        buffer.append(RawSpan())
        buffer.append("")
        let (isEmpty, count, bytes, chunks) = (buffer.isEmpty, buffer.count, buffer.allocatedBytes, buffer.chunkCount)
        #expect(isEmpty && count == 0 && bytes == 0 && chunks == 0)
        #expect(buffer.drainAll().isEmpty)
    }

    @Test(arguments: 0..<SampleReply.all.count)
    func everyReplyAtEveryChunkBorder(_ index: Int) {
        let sample = SampleReply.all[index]
        for room in 0...(min(sample.expected.count, 60) + 2) {
            var buffer = ReplyBuffer()
            let padding = [UInt8](repeating: 0x70, count: Self.chunk - room)
            buffer.append(padding.raw)
            sample.write(&buffer)
            sample.write(&buffer)
            let count = buffer.count
            let sent = buffer.drainAll()
            if count != sent.count || sent != padding + sample.expected + sample.expected {
                Issue.record("\(sample.name) with \(room) bytes left in the chunk")
                return
            }
        }
    }

    @Test func integersOfEveryWidth() {
        var numbers: [Int64] = [0, .min, .max]
        var power: Int64 = 1
        for _ in 0..<19 {
            numbers += [power - 1, power, power + 1, -power, 1 - power, -power - 1]
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        for number in numbers {
            var buffer = ReplyBuffer()
            buffer.integer(number)
            buffer.integer(Int(number))
            buffer.bulk(decimal: number)
            let text = String(number)
            let expected = ":\(text)\r\n:\(text)\r\n$\(text.utf8.count)\r\n\(text)\r\n"
            #expect(String(decoding: buffer.drainAll(), as: UTF8.self) == expected)
        }
    }

    @Test func aLargeBulkGetsAChunkOfItsOwn() {
        let large = [UInt8](repeating: 0x6c, count: 100_000)
        var buffer = ReplyBuffer()
        buffer.ok()
        buffer.bulk(large.raw)
        buffer.ok()
        let (chunks, bytes) = (buffer.chunkCount, buffer.allocatedBytes)
        let expectedBytes =
            unsafe ReplyBuffer.Chunk.usualSize
            + Heap.usableSize(for: large.count + ReplyBuffer.Chunk.headerSize)
        #expect(chunks == 2)
        #expect(bytes == expectedBytes)
        #expect(buffer.drainAll() == [UInt8]("+OK\r\n$100000\r\n") + large + [UInt8]("\r\n+OK\r\n"))
    }

    @Test func aDrainOffersAtMostSixteenChunks() {
        var buffer = ReplyBuffer()
        let piece = [UInt8](repeating: 1, count: Self.chunk)
        for _ in 0..<20 { buffer.append(piece.raw) }
        var offered: [Int] = []
        let sent = unsafe buffer.drain { views in
            for index in 0..<views.count { unsafe offered.append(views[index].count) }
            return offered.reduce(0, +)
        }
        let (chunks, count) = (buffer.chunkCount, buffer.count)
        #expect(offered == Array(repeating: Self.chunk, count: 16) && sent == 16 * Self.chunk)
        #expect(chunks == 4 && count == 4 * Self.chunk)
    }

    @Test func randomRepliesDrainedInRandomPortions() {
        let seed = SeededGenerator(for: "ReplyBufferTests.randomPortions").seed
        let left = bytesLeft {
            var random = SeededGenerator(seed: seed)
            var buffer = ReplyBuffer()
            var expected: [UInt8] = []
            var received: [UInt8] = []
            for _ in 0..<2000 {
                if Int.random(in: 0..<3, using: &random) > 0 {
                    let sample = SampleReply.all[.random(in: 0..<SampleReply.all.count, using: &random)]
                    sample.write(&buffer)
                    expected += sample.expected
                } else {
                    received += buffer.drain(upTo: .random(in: 0...20_000, using: &random))
                }
                if buffer.count != expected.count - received.count { Issue.record("seed \(seed): wrong count") }
            }
            received += buffer.drainAll()
            if received != expected { Issue.record("seed \(seed): what was sent is not what was written") }
            if buffer.allocatedBytes != 0 || buffer.chunkCount != 0 || !buffer.isEmpty {
                Issue.record("seed \(seed): a drained buffer holds \(buffer.allocatedBytes) bytes")
            }
        }
        #expect(left == 0)
    }

    @Test func aSendThatThrowsTakesNothing() {
        struct Refused: Error {}
        var buffer = ReplyBuffer()
        buffer.ok()
        var thrown = false
        do throws(Refused) {
            _ = unsafe try buffer.drain { _ throws(Refused) in throw Refused() }
        } catch { thrown = true }
        #expect(thrown)
        #expect(buffer.drainAll() == [UInt8]("+OK\r\n"))
    }

    @Test(arguments: [0, 5, 1000, 50_000])
    func takingOverWhatAnotherHolds(_ length: Int) {
        let bytes = [UInt8](repeating: 7, count: length)
        let left = bytesLeft {
            for own in [0, 1, 40_000] {
                var buffer = ReplyBuffer()
                buffer.append([UInt8](repeating: 1, count: own).raw)
                var other = ReplyBuffer()
                other.append(bytes.raw)
                buffer.append(contentsOf: &other)
                if !other.isEmpty || other.count != 0 || other.allocatedBytes != 0 { Issue.record("something is left") }
                other.ok()
                buffer.ok()
                buffer.append(contentsOf: &other)
                if buffer.count != own + length + 10 { Issue.record("\(buffer.count) bytes") }
                let expected = [UInt8](repeating: 1, count: own) + bytes + [UInt8]("+OK\r\n+OK\r\n")
                if buffer.drainAll() != expected { Issue.record("other bytes") }
                if buffer.allocatedBytes != 0 { Issue.record("memory is left") }
            }
        }
        #expect(left == 0)
    }

    @Test func removingEverythingGivesTheMemoryBack() {
        let large = [UInt8](repeating: 2, count: 50_000)
        let left = bytesLeft {
            var buffer = ReplyBuffer()
            for _ in 0..<10 { buffer.bulk(large.raw) }
            buffer.removeAll()
            if !buffer.isEmpty || buffer.allocatedBytes != 0 { Issue.record("something is left") }
            buffer.ok()
            if buffer.count != 5 { Issue.record("not to be written to any more") }
            for _ in 0..<20 { buffer.bulk(large.raw) }
        }
        #expect(left == 0)
    }
}

extension ReplyBuffer {
    /// Sends at most `limit` bytes and answers them.
    fileprivate mutating func drain(upTo limit: Int) -> [UInt8] {
        var sent: [UInt8] = []
        _ = unsafe drain { views in
            for index in 0..<views.count {
                let view = unsafe views[index]
                if unsafe view.isEmpty { Issue.record("an empty view is offered") }
                unsafe sent += view.prefix(limit - sent.count)
            }
            return sent.count
        }
        return sent
    }

    /// Sends everything.
    mutating func drainAll() -> [UInt8] {
        var sent: [UInt8] = []
        while !isEmpty { sent += drain(upTo: .max) }
        return sent
    }
}
