import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct DatabaseTests {
    static let keyLengths = [0, 1, 16, 2047, 2048, 70_000]

    static let values: [[UInt8]] =
        ["", "-1", "007", "0", "9223372036854775807", "v", "sixteen bytes ..."].map { [UInt8]($0) }
        + [1024, 1025, 100_000, 16, 1023].map { [UInt8](repeating: 0x78, count: $0) }

    /// One value of each encoding for long keys, whose checksum takes its time where no tag stands for them.
    static func values(keyLength: Int, tagged: Bool) -> [[UInt8]] {
        if keyLength < 1000 { return values }
        return tagged ? Array(values[0..<3] + values[7..<10]) : [values[0], values[1], values[8]]
    }

    static var expiries: [Database.Expiry] { [.none, .keep, .at(1_700_000_000_123)] }

    /// A key of a certain length, with a tag where there is room for one.
    private func key(_ length: Int, tagged: Bool) -> [UInt8] {
        tagged && length >= 3
            ? [UInt8]("{t}") + [UInt8](repeating: 0x6b, count: length - 3) : .init(repeating: 0x6b, count: length)
    }

    /// Every value over every other, with every expiry.
    @Test(arguments: keyLengths, [false, true])
    func everyOverwrite(_ keyLength: Int, tagged: Bool) {
        let key = key(keyLength, tagged: tagged)
        let neighbour = [UInt8]("{t}neighbour")
        var database = Database(number: 0)
        for (first, second) in pairs(Self.values(keyLength: keyLength, tagged: tagged)) {
            var model = ModelDatabase()
            for (value, expiry) in [first, second] {
                database.setString(key.raw, value.raw, expiry: expiry)
                model.set(key, value, expiry)
                if let complaint = database.complaint(about: key, expecting: model.items[key]) {
                    return fail(
                        "\(first.0.count) bytes, \(first.1), then \(second.0.count) bytes, \(second.1): \(complaint)")
                }
            }
            database.setString(neighbour.raw, neighbour.raw)
            let expiring = model.items[key]?.expiry == nil ? 0 : 1
            let group = database.tagGroup(SlotTag(of: neighbour.raw).crc).count
            if database.count != 2 || database.expiringCount != expiring || group != (tagged && keyLength >= 3 ? 2 : 1)
            {
                return fail("\(database.count) keys, \(database.expiringCount) expire, group of \(group)")
            }
            if !database.remove(key.raw) || database.remove(key.raw) || database.find(key.raw) != nil
                || !database.remove(neighbour.raw)
            {
                return fail("removal")
            }
            if database.count != 0 || database.expiringCount != 0 { return fail("counts after removal") }
        }
    }

    private func pairs(_ values: [[UInt8]]) -> [(([UInt8], Database.Expiry), ([UInt8], Database.Expiry))] {
        let all = values.flatMap { value in Self.expiries.map { (value, $0) } }
        return all.flatMap { first in all.map { (first, $0) } }
    }

    /// The expiry of every kind of entry, set, moved and taken away.
    @Test(arguments: keyLengths)
    func expiryOfEveryValue(_ keyLength: Int) {
        let key = key(keyLength, tagged: true)
        for value in Self.values {
            var database = Database(number: 0)
            check(!database.setExpiry(key.raw, 5))
            database.setString(key.raw, value.raw)
            for expiry: Int64? in [nil, 7, 1 << 50, nil, -3, nil, nil, .max] {
                var item = ModelDatabase.Item(value, expiry: expiry)
                item.isInteger = Int64(canonical: value.raw) != nil
                let isThere = database.setExpiry(key.raw, expiry)
                let expiring = expiry == nil ? 0 : 1
                if !isThere || database.expiringCount != expiring || database.tagCount(key) != (keyLength >= 3 ? 1 : 0)
                {
                    fail("expiry \(String(describing: expiry)) of \(value.count) bytes")
                }
                if let complaint = database.complaint(about: key, expecting: item) { fail(complaint) }
            }
        }
    }

    @Test(arguments: keyLengths)
    func renamingEveryValue(_ keyLength: Int) {
        let (old, new) = (key(keyLength, tagged: true), [UInt8]("{u}new"))
        for value in Self.values {
            for expiry: Database.Expiry in [.none, .at(99)] {
                for target in [nil, [], [UInt8](repeating: 1, count: 5000)] as [[UInt8]?] {
                    var database = Database(number: 0)
                    var model = ModelDatabase()
                    if let target {
                        database.setString(new.raw, target.raw, expiry: .at(1))
                    }
                    database.setString(old.raw, value.raw, expiry: expiry)
                    model.set(new, value, expiry)
                    database.rename(old.raw, to: new.raw)
                    if let complaint = database.complaint(expecting: model) { return fail(complaint) }
                    // And back again, into a key that is long.
                    database.rename(new.raw, to: old.raw)
                    model = ModelDatabase()
                    model.set(old, value, expiry)
                    if let complaint = database.complaint(expecting: model) { return fail(complaint) }
                }
            }
        }
    }

    @Test func valuesOfADecoderAreTaken() {
        let key = [UInt8]("{a}k")
        let left = bytesLeft {
            var database = Database(number: 0)
            for string in Self.values {
                database.set(key.raw, Value(copying: string.raw), expiry: .at(3))
                let item = ModelDatabase.Item(string, expiry: 3)
                if let complaint = database.complaint(about: key, expecting: item) { fail(complaint) }
                let isShort = string.count <= 1024
                if database.find(key.raw)?.encoding == .block, isShort { fail("\(string.count) bytes in a block") }
            }
        }
        #expect(left == 0)
    }

    @Test func integersAreChangedInPlace() {
        let key = [UInt8]("counter")
        var database = Database(number: 0)
        database.setInteger(key.raw, 41)
        database.setExpiry(key.raw, 1000)
        database.setInteger(key.raw, 42)
        guard let entry = database.find(key.raw) else { return fail("lost") }
        #expect(entry.integer == 42 && entry.expiry == 1000, "the expiry is kept unless told otherwise")
        database.setInteger(of: entry, .min)
        check(database.find(key.raw)?.integer == .min)
        database.setInteger(key.raw, 1, expiry: .none)
        check(database.find(key.raw)?.expiry == nil && database.expiringCount == 0)
    }

    @Test func theAccessClockIsGivenToWhatIsWritten() {
        let (one, other) = ([UInt8]("one"), [UInt8]("other"))
        var database = Database(number: 0)
        database.accessClock = 11
        database.setString(one.raw, one.raw)
        database.accessClock = 22
        database.setString(other.raw, one.raw)
        check(database.find(one.raw)?.accessClock == 11 && database.find(other.raw)?.accessClock == 22)
        database.setString(one.raw, other.raw)
        check(database.find(one.raw)?.accessClock == 22)
        database.accessClock = 33
        database.setExpiry(one.raw, 5)
        check(database.find(one.raw)?.accessClock == 22, "an expiry is no use")
        database.countsUses = true
        database.setString(one.raw, one.raw)
        check(database.find(one.raw)?.accessClock == 22, "how often it was used stays")
    }

    @Test func anEmptyDatabaseHasNothing() {
        let key = [UInt8]("k")
        var database = Database(number: 3)
        var random = SplitMix(seed: 1)
        check(database.number == 3 && database.count == 0 && database.find(key.raw) == nil)
        check(!database.remove(key.raw) && !database.setExpiry(key.raw, 1))
        check(database.count(inSlot: 0) == 0 && database.randomEntry(inSlot: 0, &random) == nil)
        check(
            database.tagGroup(7).isEmpty && database.expiringCount(inSlot: 1) == 0
                && database.bucketCount(inSlot: 1) == 0)
        let cursor = database.scan(slot: 0, cursor: 17) { _ in fail("visited") }
        #expect(cursor == 0)
        let detached = database.detachAll().count
        let one = database.detach(slot: 5).count
        #expect(detached == 0 && one == 0)
    }

    @Test func randomEntriesComeFromTheirSlot() {
        var database = Database(number: 0)
        var random = SplitMix(seed: SeededGenerator(for: "DatabaseTests.randomEntries").seed)
        for number in 0..<200 {
            let key = [UInt8]("\(number)")
            database.setString(key.raw, key.raw)
        }
        for slot in 0..<SlotTag.slotCount {
            let entry = database.randomEntry(inSlot: slot, &random)
            check((entry == nil) == (database.count(inSlot: slot) == 0))
            if let entry { check(SlotTag(of: entry.key).slot == slot) }
        }
    }

    @Test func aTagGroupComesInByteOrder() {
        var database = Database(number: 0)
        for key in ["{t}b", "{t}", "{t}a", "a{t}", "{t}B", "{t}ab", "{other}x", "t"] {
            let bytes = [UInt8](key)
            database.setString(bytes.raw, bytes.raw)
        }
        let tag = [UInt8]("t")
        let group = database.tagGroup(SlotTag(of: tag.raw).crc).map { String(decoding: $0.keyCopy, as: UTF8.self) }
        #expect(group == ["a{t}", "{t}", "{t}B", "{t}a", "{t}ab", "{t}b"])
    }

    @Test func tagsOfOneCRCAreOneGroup() {
        var database = Database(number: 0)
        for key in ["{plumless}1", "{buckeroo}2"] {
            let bytes = [UInt8](key)
            database.setString(bytes.raw, bytes.raw)
        }
        check(database.tagGroup(0x4ddb_0c25).count == 2)
    }
}

extension Database {
    /// How many keys share the tag of `key`.
    fileprivate func tagCount(_ key: [UInt8]) -> Int { tagGroup(SlotTag(of: key.raw).crc).count }
}
