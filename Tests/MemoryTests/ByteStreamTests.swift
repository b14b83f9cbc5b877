import Memory
import Testing
import TestSupport

@Suite
struct ByteStreamTests {
    /// Everything from `offset` on, read in portions of at most `portion`.
    private func contents(of stream: borrowing ByteStream, from offset: Int64, portion: Int = .max) -> [UInt8] {
        var bytes: [UInt8] = []
        var place = offset
        while place < stream.end {
            let count = unsafe stream.read(from: place, atMost: portion) { runs in
                var taken = 0
                for index in 0..<runs.count {
                    unsafe bytes.append(contentsOf: runs[index])
                    unsafe taken += runs[index].count
                }
                return taken
            }
            precondition(count > 0, "a stream that has bytes gives some")
            place += Int64(count)
        }
        return bytes
    }

    @Test("A new stream is empty, wherever it begins", arguments: [0, 7, 1 << 40] as [Int64])
    func empty(offset: Int64) {
        let stream = ByteStream(from: offset)
        #expect(stream.start == offset)
        #expect(stream.end == offset)
        #expect(contents(of: stream, from: offset).isEmpty)
    }

    @Test("What was appended is read from every place, around the borders of blocks")
    func borders() {
        let size = ByteStream.blockSize
        for length in [1, size - 1, size, size + 1, 2 * size, 3 * size + 5] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            var stream = ByteStream(from: 11)
            stream.append(bytes.raw)
            for skipped in Set([0, 1, length / 2, length - 1, length, min(size, length)]) {
                #expect(contents(of: stream, from: 11 + Int64(skipped)) == Array(bytes[skipped...]))
                #expect(contents(of: stream, from: 11 + Int64(skipped), portion: 1000) == Array(bytes[skipped...]))
            }
        }
    }

    @Test("Random appends and discards agree with an array")
    func model() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20 {
            var offset = Int64.random(in: 0...1 << 33, using: &generator)
            var model: [UInt8] = []
            var stream = ByteStream(from: offset)
            for _ in 0..<60 {
                if Bool.random(using: &generator) {
                    let bytes = (0..<Int.random(in: 0...100_000, using: &generator)).map {
                        UInt8(truncatingIfNeeded: $0 &+ model.count)
                    }
                    stream.append(bytes.raw)
                    model += bytes
                } else {
                    let count = Int.random(in: 0...model.count, using: &generator)
                    model.removeFirst(count)
                    offset += Int64(count)
                    stream.discard(before: offset)
                }
                #expect(stream.start == offset)
                #expect(stream.end == offset + Int64(model.count))
                #expect(stream.allocatedBytes <= model.count + 2 * ByteStream.blockSize)
            }
            #expect(contents(of: stream, from: offset) == model)
        }
    }

    @Test("Discarding beyond the end leaves an empty stream that goes on where it was")
    func discardAll() {
        var stream = ByteStream()
        stream.append([1, 2, 3].raw)
        stream.discard(before: 100)
        #expect(stream.start == 3)
        stream.append([4].raw)
        #expect(contents(of: stream, from: 3) == [4])
    }

    @Test("A stream that is restarted forgets its bytes")
    func restart() {
        var stream = ByteStream()
        stream.append([1, 2, 3].raw)
        stream.restart(at: 1000)
        #expect(stream.count == 0)
        stream.append([9].raw)
        #expect(stream.end == 1001)
        #expect(contents(of: stream, from: 1000) == [9])
    }
}
