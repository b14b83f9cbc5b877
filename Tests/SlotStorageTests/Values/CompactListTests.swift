import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct CompactListTests {
    /// Texts around every border of the format: kinds of integers, lengths of strings, sizes of entries around 254.
    static let texts: [[UInt8]] = {
        var texts: [[UInt8]] = ["", "a", "-", "007", "+1", "12", "13", "0", "-1"].map { [UInt8]($0) }
        for shift in [7, 15, 23, 31, 63] as [Int64] {
            for number in [Int64.max >> (63 - shift), Int64.min >> (63 - shift)] {
                texts.append([UInt8](String(number)))
                let (next, overflows) = number.addingReportingOverflow(number.signum())
                texts.append([UInt8](overflows ? "9223372036854775808" : String(next)))
            }
        }
        for length in [31, 32, 63, 64, 248, 249, 250, 251, 252, 253, 254, 255, 16_383, 16_384] {
            texts.append([UInt8](repeating: 0x61, count: length))
        }
        return texts
    }()

    @Test func anEmptyListIsElevenBytes() {
        let list = CompactList.make()
        defer { list.free() }
        #expect(list.bytes.array == [11, 0, 0, 0, 10, 0, 0, 0, 0, 0, 255])
        #expect(list.isEmpty && list.first == nil && list.last == nil && list.position(at: 0) == nil)
    }

    @Test func everyKindOfEntry() {
        let forms: [(String, [UInt8])] = [
            ("", [0, 0]), ("ab", [0, 2, 0x61, 0x62]), ("0", [0, 0xf1]), ("12", [0, 0xfd]), ("13", [0, 0xfe, 13]),
            ("-1", [0, 0xfe, 0xff]), ("-129", [0, 0xc0, 0x7f, 0xff]), ("32768", [0, 0xf0, 0, 0x80, 0]),
            ("-8388609", [0, 0xd0, 0xff, 0xff, 0x7f, 0xff]),
            ("2147483648", [0, 0xe0, 0, 0, 0, 0x80, 0, 0, 0, 0]),
            (String(repeating: "x", count: 64), [0, 0x40, 64] + [UInt8](repeating: 0x78, count: 64)),
            (
                String(repeating: "x", count: 16_384),
                [0, 0x80, 0, 0, 0x40, 0] + [UInt8](repeating: 0x78, count: 16_384)
            ),
        ]
        for (text, entry) in forms {
            var list = CompactList.make()
            list.append([UInt8](text).raw)
            let size = entry.count + 11
            let header = Payload.littleEndian(UInt64(size), 4) + [10, 0, 0, 0, 1, 0]
            #expect(list.bytes.array == header + entry + [255], "\(text.prefix(20))")
            list.free()
        }
    }

    /// Every text between every two: insertion, replacement and removal at each place.
    @Test func everyPairAndAThird() {
        let left = bytesLeft {
            for a in Self.texts where a.count < 1000 {
                for b in Self.texts where b.count < 1000 {
                    for (index, c) in Self.texts.enumerated() {
                        var trial = Trial([a, b])
                        trial.insert(c, at: index % 3)
                        trial.remove(at: (index / 3) % 3, count: 1)
                        trial.replace(at: index % 2, with: c)
                        if let complaint = trial.complaint { return fail("\(complaint): \(index) with \([a, b, c])") }
                        trial.list.free()
                    }
                }
            }
        }
        #expect(left == 0)
    }

    /// Entries whose size is at the border where links grow: a change at the front goes through all of them.
    @Test func linksGrowThroughTheList() {
        for length in 248...253 {
            for count in 0...8 {
                for tail in [0, 3, 252] {
                    let middle = [[UInt8]](repeating: [UInt8](repeating: 0x62, count: length), count: count)
                    var trial = Trial([[0x61]] + middle + [[UInt8](repeating: 0x63, count: tail)])
                    trial.insert([UInt8](repeating: 0x64, count: 300), at: 0)
                    trial.insert([0x65], at: 0)
                    trial.remove(at: 1, count: 1)
                    trial.replace(at: 1, with: [UInt8](repeating: 0x66, count: 250))
                    trial.remove(at: 0, count: 2)
                    if let complaint = trial.complaint {
                        return fail("\(complaint): \(count) times \(length), \(tail)")
                    }
                    trial.list.free()
                }
            }
        }
    }

    /// The same changes as redis-server 2.8.17 dumps them: links grow, and one of them stays wide.
    @Test func dumpsOfRedis() {
        func text(_ letter: Character, _ count: Int) -> [UInt8] { [UInt8](String(repeating: letter, count: count)) }
        func long(_ link: [UInt8], _ letter: Character, _ count: Int) -> [UInt8] {
            link + [0x40, UInt8(count)] + text(letter, count)
        }
        let wide: [UInt8] = [254, 1, 1, 0, 0]
        var trial = Trial([text("a", 250), text("b", 250), text("c", 250), text("d", 1)])
        trial.insert(text("x", 254), at: 0)
        let grown =
            [0x16, 4, 0, 0, 0x0e, 4, 0, 0, 5, 0] + long([0], "x", 254) + long(wide, "a", 250) + long(wide, "b", 250)
            + long(wide, "c", 250) + wide + [1, 0x64, 255]
        #expect(trial.list.bytes.array == grown)
        trial.remove(at: 0, count: 1)
        trial.replace(at: 1, with: [UInt8]("7"))
        let shrunk =
            [0x0e, 2, 0, 0, 6, 2, 0, 0, 4, 0] + long([0], "a", 250) + [0xfd, 0xf8] + long([2], "c", 250)
            + [254, 0xfd, 0, 0, 0, 1, 0x64, 255]
        #expect(trial.list.bytes.array == shrunk)
        trial.list.free()
    }

    @Test func randomChanges() {
        let random = SeededGenerator(for: "CompactListTests.randomChanges")
        for round in 0..<300 {
            let left = bytesLeft {
                var random = SeededGenerator(seed: random.seed &+ UInt64(round))
                var trial = Trial([])
                let limit = Int.random(in: 1...40, using: &random)
                for step in 0..<200 {
                    trial.change(limit: limit, &random)
                    if let complaint = trial.complaint {
                        fail("\(complaint): seed \(random.seed), round \(round), step \(step)")
                        break
                    }
                }
                trial.list.free()
            }
            if left != 0 { return fail("\(left) bytes left: seed \(random.seed), round \(round)") }
        }
    }

    @Test func countingBeyondWhatTheHeaderHolds() {
        var list = CompactList.make()
        for _ in 0..<65_534 { list.append([UInt8]("x").raw) }
        #expect(list.count == 65_534 && list.bytes[8] == 0xfe)
        for _ in 0..<3 { list.append([UInt8]("x").raw) }
        #expect(list.count == 65_537 && list.bytes[8] == 0xff && list.bytes[9] == 0xff)
        list.remove(from: -10, count: 10)
        #expect(list.bytes[8] == 0xff && list.count == 65_527 && list.bytes[8] == 0xf7)
        check(CompactList.isValid(list.bytes))
        list.free()
    }

    @Test func findingSkips() {
        var list = CompactList.make()
        for text in ["field", "value", "17", "field", "value", "17"] { list.append([UInt8](text).raw) }
        func index(_ text: String, _ skipped: Int, from start: Int = 0) -> Int? {
            guard let position = list.position(at: start),
                let found = list.find([UInt8](text).raw, from: position, skipping: skipped)
            else { return nil }
            return (0..<6).first { list.position(at: $0) == found }
        }
        #expect(index("field", 0) == 0 && index("field", 0, from: 1) == 3 && index("field", 1) == 0)
        #expect(index("17", 0) == 2 && index("17", 1) == 2 && index("17", 1, from: 3) == 5 && index("017", 0) == nil)
        #expect(index("value", 1) == 4 && index("value", 5) == nil && index("value", 3) == 4)
        list.free()
    }
}

/// A compact list and what it should hold.
private struct Trial {
    var list = CompactList.make()
    var model: [[UInt8]] = []

    init(_ texts: [[UInt8]]) {
        for text in texts { insert(text, at: model.count) }
    }

    mutating func insert(_ text: [UInt8], at index: Int) {
        list.insert(text.raw, before: list.position(at: index) ?? list.end)
        model.insert(text, at: index)
    }

    mutating func remove(at index: Int, count: Int) {
        list.remove(from: index, count: count)
        model.removeSubrange(index..<min(index + count, model.count))
    }

    mutating func replace(at index: Int, with text: [UInt8]) {
        guard let position = list.position(at: index) else { return }
        list.replace(at: position, with: text.raw)
        model[index] = text
    }

    mutating func change(limit: Int, _ random: inout SeededGenerator) {
        let text = Self.text(&random)
        guard !model.isEmpty else { return insert(text, at: 0) }
        let index = Int.random(in: 0..<model.count, using: &random)
        switch Int.random(in: 0..<(model.count < limit ? 10 : 6), using: &random) {
        case 0..<2: remove(at: index, count: Int.random(in: 1...3, using: &random))
        case 2..<5: replace(at: index, with: text)
        case 5:
            guard let position = list.position(at: index) else { return }
            let next = list.remove(at: position)
            model.remove(at: index)
            if (next != nil) != (index < model.count) { model.append([UInt8]("another next position")) }
        default: insert(text, at: Int.random(in: 0...model.count, using: &random))
        }
    }

    private static func text(_ random: inout SeededGenerator) -> [UInt8] {
        let length = Int.random(in: 0...3, using: &random) == 0 ? 240...260 : 0...20
        if Bool.random(using: &random) { return random.bytes(Int.random(in: length, using: &random)) }
        let shift = Int64.random(in: 0...63, using: &random)
        return [UInt8](String(Int64(bitPattern: random.next()) >> shift))
    }

    /// What is wrong, if anything is.
    var complaint: String? {
        if !CompactList.isValid(list.bytes) { return "broken" }
        if list.count != model.count { return "\(list.count) entries, not \(model.count)" }
        var position = list.first
        var previous: CompactList.Position?
        for (index, text) in model.enumerated() {
            guard let current = position else { return "ends at \(index)" }
            if list.withBytes(at: current, { $0.array }) != text { return "another text at \(index)" }
            if list.length(at: current) != text.count { return "another length at \(index)" }
            if list.integer(at: current) != Int64(canonical: text.raw) { return "another integer at \(index)" }
            if !list.equals(at: current, text.raw) || list.equals(at: current, (text + [1]).raw) { return "equality" }
            if list.previous(before: current) != previous { return "another way back from \(index)" }
            if list.position(at: index) != current || list.position(at: index - model.count) != current {
                return "another position of \(index)"
            }
            previous = current
            position = list.next(after: current)
        }
        if position != nil { return "goes on" }
        if list.last != previous { return "another last entry" }
        if list.position(at: model.count) != nil || list.position(at: -model.count - 1) != nil { return "positions" }
        return nil
    }
}
