import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct ListValueTests {
    private static func limits(_ entries: Int, _ value: Int = 64) -> EncodingLimits {
        var limits = EncodingLimits()
        limits.listMaxZiplistEntries = entries
        limits.listMaxZiplistValue = value
        return limits
    }

    private func expectNoComplaint(_ list: ModelList, sourceLocation: SourceLocation = #_sourceLocation) {
        if let complaint = list.thoroughComplaint { fail(complaint, sourceLocation: sourceLocation) }
    }

    // MARK: Encodings

    @Test func theElementAfterTheLastAllowedConverts() {
        for end in [ListEnd.head, .tail] {
            var list = ModelList()
            for number in 0..<512 { list.push([UInt8](String(number)), end) }
            #expect(list.list.encoding == .compactList)
            list.push([UInt8]("x"), end)
            #expect(list.list.encoding == .chunks && list.list.value.encoding.name.description == "linkedlist")
            expectNoComplaint(list)
            list.free()
        }
    }

    @Test func theLongElementConverts() {
        let (short, long) = ([UInt8](repeating: 0x61, count: 64), [UInt8](repeating: 0x61, count: 65))
        for (element, encoding) in [(short, ValueEncoding.compactList), (long, .chunks)] {
            var list = ModelList([[1]])
            list.push(element, .head)
            #expect(list.list.encoding == encoding)
            expectNoComplaint(list)
            list.free()
            list = ModelList([[1], [2]])
            check(list.insert(element, .after, pivot: [1]))
            #expect(list.list.encoding == encoding)
            expectNoComplaint(list)
            list.free()
            list = ModelList([[1], [2]])
            check(list.set(-1, element))
            #expect(list.list.encoding == encoding)
            expectNoComplaint(list)
            list.free()
        }
    }

    /// Whether the change is made is not known when the encoding is left.
    @Test func theLongElementThatIsNotPutInConvertsToo() {
        let long = [UInt8](repeating: 0x61, count: 65)
        var list = ModelList([[1]])
        check(list.insert(long, .before, pivot: [9]))
        #expect(list.list.encoding == .chunks)
        expectNoComplaint(list)
        list.free()
        list = ModelList([[1]])
        check(list.set(1, long))
        #expect(list.list.encoding == .chunks)
        expectNoComplaint(list)
        list.free()
    }

    @Test func numbersAreNotMeasured() {
        var list = ModelList(limits: Self.limits(4, 3))
        list.push([UInt8]("1234567890"), .tail)
        #expect(list.list.encoding == .compactList)
        list.push([UInt8]("0123"), .tail)
        #expect(list.list.encoding == .chunks)
        expectNoComplaint(list)
        list.free()
    }

    @Test func insertionConvertsBehindTheLimit() {
        var list = ModelList([[1], [2], [3]], limits: Self.limits(4))
        check(list.insert([5], .before, pivot: [2]))
        #expect(list.list.encoding == .compactList)
        check(list.insert([6], .after, pivot: [9]))
        #expect(list.list.encoding == .compactList)
        check(list.insert([6], .after, pivot: [3]))
        #expect(list.list.encoding == .chunks)
        expectNoComplaint(list)
        list.free()
    }

    // MARK: Ends

    @Test func chunksHoldWhatTheyMay() {
        var list = ModelList(limits: Self.limits(0))
        for number in 0..<2048 { list.push([UInt8(number & 7) + 0x30], number < 1024 ? .head : .tail) }
        #expect(list.list.chunks.chunkCount == 4 && list.list.freeEffort == 9)
        list.free()
        list = ModelList(limits: Self.limits(0))
        for number in 0..<20 { list.push([UInt8](repeating: 0x61, count: 2030), number < 10 ? .head : .tail) }
        #expect(list.list.chunks.chunkCount == 6)
        list.push([UInt8](repeating: 0x62, count: 100_000), .tail)
        list.push([0x63], .tail)
        #expect(list.list.chunks.chunkCount == 8)
        expectNoComplaint(list)
        list.free()
    }

    @Test func everySequenceOfPushesAndPops() {
        let left = bytesLeft {
            for limit in [0, 2, 100] {
                for sequence in 0..<1 << 12 {
                    var list = ModelList(limits: Self.limits(limit))
                    for step in 0..<6 {
                        let end = sequence >> (2 * step) & 1 == 0 ? ListEnd.head : .tail
                        if sequence >> (2 * step + 1) & 1 == 0 {
                            list.push([UInt8(step)], end)
                        } else if !list.model.isEmpty, !list.pop(end) {
                            fail("sequence \(sequence), limit \(limit)")
                        }
                    }
                    if let complaint = list.complaint { fail("\(complaint): sequence \(sequence), limit \(limit)") }
                    list.free()
                }
            }
        }
        #expect(left == 0)
    }

    @Test func aQueueGivesItsMemoryBack() {
        let element = [UInt8](repeating: 0x61, count: 100)
        let limits = EncodingLimits()
        var (full, empty) = (0, 0)
        let left = bytesLeft {
            var list = ListValue.empty()
            let counter = MemoryCounter()
            let before = counter.balance
            for _ in 0..<20_000 { list.push(element.raw, to: .head, limits) }
            full = counter.balance - before
            for _ in 0..<20_000 { list.pop(from: .tail) { _ in } }
            empty = counter.balance - before
            list.free()
        }
        #expect(full > 2_000_000 && full < 2_400_000 && empty < 100 && left == 0)
    }

    // MARK: The middle

    @Test func insertingInOnePlaceFillsTheChunks() {
        for side in [ListValue.Side.before, .after] {
            for place in [0, 1, 100, 510, 511] {
                var list = ModelList(limits: Self.limits(0))
                for number in 0..<512 { list.push(number == place ? [0x2a] : [0x61, 0x62], .tail) }
                for number in 0..<2000 { check(list.insert([UInt8](String(number)), side, pivot: [0x2a])) }
                #expect(list.list.chunks.chunkCount <= 9, "\(side) \(place)")
                expectNoComplaint(list)
                list.free()
            }
        }
    }

    @Test func removingMergesChunks() {
        for end in [ListEnd.head, .tail] {
            var list = ModelList(limits: Self.limits(0))
            for number in 0..<10_000 { list.push(number % 50 == 0 ? [0x2a] : [0x61], .tail) }
            #expect(list.list.chunks.chunkCount == 20)
            check(list.remove([0x61], limit: .max, end))
            #expect(list.list.count == 200 && list.list.chunks.chunkCount == 1)
            expectNoComplaint(list)
            check(list.remove([0x2a], limit: .max, end))
            #expect(list.list.count == 0 && list.list.chunks.chunkCount == 0)
            list.free()
        }
    }

    @Test func replacingWithLargeElementsSplits() {
        var list = ModelList(limits: Self.limits(0))
        for number in 0..<300 { list.push([UInt8](String(number)), .tail) }
        for index in [0, 150, 299] { check(list.set(index, [UInt8](repeating: 0x61, count: 9000))) }
        expectNoComplaint(list)
        for index in [0, 150, 299] { check(list.set(index, [0x61])) }
        #expect(list.list.chunks.chunkCount < 4)
        expectNoComplaint(list)
        list.free()
    }

    @Test func everyTrim() {
        for limit in [0, 100] {
            for count in 0...12 {
                for lower in 0...count {
                    for upper in lower...count {
                        // Of this length four elements fill a chunk.
                        let elements = (0..<count).map { [UInt8](repeating: UInt8($0), count: 2000) }
                        var list = ModelList(elements, limits: Self.limits(limit, 10_000))
                        list.trim(lower..<upper)
                        if let complaint = list.thoroughComplaint {
                            fail("\(complaint): \(lower)..<\(upper) of \(count)")
                        }
                        list.free()
                    }
                }
            }
        }
    }

    @Test func everyRange() {
        for limit in [0, 100] {
            let elements = (0..<13).map { [UInt8](repeating: UInt8($0), count: 2000) }
            let list = ModelList(elements, limits: Self.limits(limit, 10_000))
            for lower in 0...13 {
                for upper in lower...13 {
                    if let complaint = list.complaint(about: lower..<upper) { fail(complaint) }
                }
            }
            list.free()
        }
    }
}
