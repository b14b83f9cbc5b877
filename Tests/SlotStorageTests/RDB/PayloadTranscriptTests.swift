import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// A payload written in slices is the one that is written at once.
struct PayloadTranscriptTests {
    /// Lets `fill` store values and compares the payloads of all keys.
    private static func compare(compressing: Bool = true, _ fill: (inout Database, EncodingLimits) -> Void) {
        var limits = EncodingLimits()
        limits.hashMaxZiplistEntries = 16
        limits.listMaxZiplistEntries = 16
        limits.setMaxIntsetEntries = 16
        limits.zsetMaxZiplistEntries = 16
        var database = Database(number: 0)
        fill(&database, limits)
        var entries: [Entry] = []
        database.forEach { entries.append($0) }
        for entry in entries {
            var whole = RDBWriter(compresses: compressing)
            ValuePayload.write(entry, to: &whole)
            var writer = RDBWriter(compresses: compressing)
            var sliced: [UInt8] = []
            var transcript = PayloadTranscript(of: entry)
            while !transcript.isComplete {
                writer.removeAll()
                transcript.writeNext(to: &writer)
                sliced += writer.output.bytes.array
                if writer.output.count > 200_000 { fail("a slice of \(writer.output.count) bytes") }
            }
            if sliced != whole.output.bytes.array { fail("the payload of \(entry.key.text)") }
        }
    }

    @Test(arguments: [1, 2, 16, 17, 511, 512, 513, 1024, 5000])
    func collections(_ size: Int) {
        Self.compare { database, limits in
            var (list, hash, words) = (ListValue.empty(), HashValue.empty(), SetValue.empty())
            var (numbers, sorted) = (SetValue.empty(), SortedSetValue.empty())
            for index in 0..<size {
                let text = [UInt8]("element:\(index)") + [UInt8](repeating: 0x61, count: index % 100)
                list.push(text.raw, to: .tail, limits)
                hash.set(text.raw, [UInt8]("\(index)").raw, limits)
                words.insert(text.raw, limits)
                numbers.insert([UInt8]("\(index * 1_000_003)").raw, limits)
                sorted.update(text.raw, limits) { _ in Double(index % 10) / 4 }
            }
            database.set([UInt8]("list").raw, list.value)
            database.set([UInt8]("hash").raw, hash.value)
            database.set([UInt8]("words").raw, words.value)
            database.set([UInt8]("numbers").raw, numbers.value)
            database.set([UInt8]("sorted").raw, sorted.value)
        }
    }

    @Test func strings() {
        // Longer ones are not compressed in slices.
        Self.compare(compressing: false) { database, _ in
            for length in [0, 1, 20, 21, 65_535, 65_536, 65_537, 131_072, 131_073, 1_000_000] {
                let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* $0) }
                database.setString([UInt8]("\(length)").raw, text.raw)
            }
            database.setString([UInt8]("number").raw, [UInt8]("-17").raw)
        }
        Self.compare { database, _ in
            for length in [0, 1, 20, 21, 65_535, 65_536] {
                database.setString([UInt8]("\(length)").raw, [UInt8](repeating: 0x61, count: length).raw)
            }
        }
    }
}
