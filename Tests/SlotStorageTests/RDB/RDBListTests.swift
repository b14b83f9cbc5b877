import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct RDBListTests {
    private static func limits(_ entries: Int, _ value: Int = 64) -> EncodingLimits {
        var limits = EncodingLimits()
        limits.listMaxZiplistEntries = entries
        limits.listMaxZiplistValue = value
        return limits
    }

    private static func compact(_ texts: [String]) -> [UInt8] {
        var list = CompactList.make()
        defer { list.free() }
        for text in texts { list.append([UInt8](text).raw) }
        return list.bytes.array
    }

    private static func written(_ list: ListValue, compresses: Bool = false) -> [UInt8] {
        var writer = RDBWriter(compresses: compresses)
        writer.write(list)
        return writer.output.bytes.array
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        var writer = RDBWriter(compresses: false)
        writer.writeString(bytes.raw)
        return writer.output.bytes.array
    }

    /// What a list's bytes, type first, are read as.
    private struct Read: Equatable {
        var elements: [String]
        var encoding: ValueEncoding
    }

    private static func read(_ bytes: [UInt8], _ limits: EncodingLimits = EncodingLimits()) -> Result<Read, RDBError> {
        var reader = RDBReader(bytes.raw)
        do throws(RDBError) {
            let value = try reader.readTypeAndValue(limits: limits)
            defer { value.free() }
            guard value.type == .list, reader.isAtEnd else { throw .trailingBytes }
            let list = ListValue(value)
            if let complaint = list.structureComplaint { fail(complaint) }
            var elements: [String] = []
            list.forEach { elements.append($0.text) }
            return .success(Read(elements: elements, encoding: list.encoding))
        } catch {
            return .failure(error)
        }
    }

    @Test func aCompactListIsOneString() {
        let list = ModelList(["a", "12", "-7"].map { [UInt8]($0) })
        let bytes = Self.written(list.list)
        #expect(bytes == [10, 19, 19, 0, 0, 0, 15, 0, 0, 0, 3, 0, 0, 1, 0x61, 3, 0xfd, 2, 0xfe, 0xf9, 0xff])
        #expect(Self.read(bytes) == .success(Read(elements: ["a", "12", "-7"], encoding: .compactList)))
        list.free()
    }

    @Test func chunksAreSoManyStrings() {
        let list = ModelList(["a", "300", "-7", "9999999999"].map { [UInt8]($0) }, limits: Self.limits(3))
        #expect(Self.written(list.list) == [1, 4, 1, 0x61, 0xc1, 0x2c, 0x01, 0xc0, 0xf9, 10] + [UInt8]("9999999999"))
        list.free()
    }

    @Test func everyFormIsReadIntoTheEncodingThatFits() {
        let (elements, long) = (["a", "12", "bcd"], String(repeating: "x", count: 65))
        let forms: [[UInt8]] = [
            [1, 3, 1, 0x61, 0xc0, 12, 3, 0x62, 0x63, 0x64],
            [10] + Self.string(Self.compact(elements)),
            [14, 2] + Self.string(Self.compact(["a", "12"])) + Self.string(Self.compact(["bcd"])),
        ]
        for form in forms {
            #expect(Self.read(form) == .success(Read(elements: elements, encoding: .compactList)))
            #expect(Self.read(form, Self.limits(3)) == .success(Read(elements: elements, encoding: .compactList)))
            #expect(Self.read(form, Self.limits(2)) == .success(Read(elements: elements, encoding: .chunks)))
        }
        // Redis looks at the lengths of elements where it puts them into a compact list itself.
        let one = Self.string(Self.compact([long]))
        #expect(Self.read([10] + one) == .success(Read(elements: [long], encoding: .compactList)))
        #expect(Self.read([14, 1] + one) == .success(Read(elements: [long], encoding: .chunks)))
        #expect(Self.read([1, 1] + Self.string([UInt8](long))) == .success(Read(elements: [long], encoding: .chunks)))
    }

    @Test func whatIsNoList() {
        let (empty, one) = (Self.string(Self.compact([])), Self.string(Self.compact(["a"])))
        for bytes in [[1, 0], [10] + empty, [14, 0], [14, 2] + one + empty] {
            #expect(Self.read(bytes) == .failure(.emptyCollection), "\(bytes)")
        }
        for bytes: [UInt8] in [[10, 0], [10, 3, 1, 2, 3], [10, 0xc0, 7], [14, 1, 3, 1, 2, 3]] {
            #expect(Self.read(bytes) == .failure(.badZiplist), "\(bytes)")
        }
        for bytes in [[1, 2, 1, 0x61], [14, 2] + one, [1, 0x80, 0xff, 0xff, 0xff, 0xff], [10, 11, 11, 0, 0, 0]] {
            #expect(Self.read(bytes) == .failure(.truncated), "\(bytes)")
        }
    }

    @Test func lyingLengthsAllocateNothing() {
        let lies: [[UInt8]] = [
            [1, 0x80, 0xff, 0xff, 0xff, 0xff, 0], [14, 0x80, 0xff, 0xff, 0xff, 0xff],
            [10, 0x80, 0x7f, 0xff, 0xff, 0xff],
        ]
        for lie in lies {
            let allocated = bytesAllocated {
                if case .success = Self.read(lie) { fail("\(lie) is a list") }
            }
            // What the test library keeps of an error that is thrown.
            #expect(allocated < 4096)
        }
    }

    @Test func whatIsWrittenIsRead() {
        var random = SeededGenerator(for: "RDBListTests.written")
        for round in 0..<60 {
            let length = [3, 60, 300, 5000].randomElement(using: &random) ?? 0
            let elements: [String] = (0..<Int.random(in: 1...700, using: &random)).map { number in
                number % 3 == 0
                    ? String(Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random))
                    : String(repeating: "ab\(number % 7)", count: Int.random(in: 0...length / 3, using: &random))
            }
            let list = ModelList(elements.map { [UInt8]($0) })
            for compresses in [false, true] {
                let expected = Read(elements: elements, encoding: list.list.encoding)
                if Self.read(Self.written(list.list, compresses: compresses)) != .success(expected) {
                    fail("seed \(random.seed), round \(round)")
                }
            }
            list.free()
        }
    }

    /// Nothing that comes from outside brings the reader down, leaks or gives an empty list.
    @Test func mutilatedLists() {
        var random = SeededGenerator(for: "RDBListTests.mutilated")
        let compact = Self.compact(["a", "12", "bcd", "70000", String(repeating: "x", count: 70)])
        let chunks = ModelList((0..<6).map { [UInt8]("element \($0)") }, limits: Self.limits(0))
        let forms = [
            Self.written(chunks.list), [10] + Self.string(compact),
            [14, 2] + Self.string(compact) + Self.string(compact),
        ]
        chunks.free()
        let left = bytesLeft {
            for _ in 0..<10_000 {
                var bytes = forms.randomElement(using: &random) ?? []
                for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count > 1 {
                    let index = Int.random(in: 1..<bytes.count, using: &random)
                    switch Int.random(in: 0...3, using: &random) {
                    case 0: bytes.remove(at: index)
                    case 1: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                    case 2: bytes[index] &+= 1
                    default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
                    }
                }
                if case .success(let read) = Self.read(bytes), read.elements.isEmpty { fail("empty: \(bytes)") }
            }
        }
        // Thrown errors leave a few bytes with the test library.
        #expect(left < 100_000, "seed \(random.seed)")
    }
}
