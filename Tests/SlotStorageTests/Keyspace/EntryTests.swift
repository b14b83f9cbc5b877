import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct EntryTests {
    /// An entry of every shape: short and long keys, inline, integer and block values, with and without expiry.
    @Test(arguments: [0, 1, 16, 2047, 2048, 70_000])
    func everyShape(_ keyLength: Int) {
        let key = (0..<keyLength).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let left = bytesLeft {
            for valueLength in [0, 1, 16, 1023, 1024] {
                for expiry: Int64? in [nil, 0, -1, 1_700_000_000_000, .max] {
                    let value = [UInt8](repeating: 0x76, count: valueLength)
                    let entry = Entry.make(
                        key.raw, EntryDraft(inline: value.raw), expiry: expiry, isTagged: true, mark: true,
                        clock: 0x2abc_def1)
                    if !isRight(entry, key, expiry) || entry.encoding != .inline || entry.bytes.array != value
                        || entry.stringLength != valueLength || !entry.isTagged
                    {
                        fail("key of \(keyLength), value of \(valueLength), expiry \(String(describing: expiry))")
                    }
                    entry.free()
                }
            }
            for expiry: Int64? in [nil, 5] {
                let number = Value(integer: -42)
                let entry = Entry.make(
                    key.raw, EntryDraft(number), expiry: expiry, isTagged: false, mark: false,
                    clock: 0x2abc_def1)
                if !isRight(entry, key, expiry) || entry.encoding != .integer || entry.integer != -42
                    || entry.stringLength != 3 || entry.isTagged || entry.stringCopy != [UInt8]("-42")
                {
                    fail("key of \(keyLength) with an integer")
                }
                entry.free()
            }
        }
        #expect(left == 0)
    }

    private func isRight(_ entry: Entry, _ key: [UInt8], _ expiry: Int64?) -> Bool {
        entry.keyCopy == key && entry.keyLength == key.count && entry.expiry == expiry
            && entry.accessClock == 0x2abc_def1
            && entry.type == .string && !entry.isPinned
    }

    @Test func sizesAreThoseOfTheDrawing() {
        func size(_ keyLength: Int, _ valueLength: Int?, expires: Bool) -> Int {
            let header = Entry.Header(
                type: .string, encoding: valueLength == nil ? .block : .inline, expires: expires, keyLength: keyLength,
                inlineLength: valueLength ?? 0, isTagged: false, mark: false)
            return Entry.size(of: header, keyLength: keyLength)
        }
        #expect(size(16, 16, expires: false) == 40)
        #expect(size(16, 16, expires: true) == 48)
        #expect(size(16, nil, expires: false) == 32)
        #expect(size(16, nil, expires: true) == 40)
        #expect(size(0, 0, expires: false) == 8)
        #expect(size(2047, 1, expires: false) == 8 + 2047 + 1)
        #expect(size(2048, 1, expires: false) == 16 + 2048 + 1)
    }

    @Test func theFieldsOfTheHeaderDoNotTouchEachOther() {
        var random = SeededGenerator(for: "EntryTests.header")
        for _ in 0..<5000 {
            let type = ValueType(rawValue: .random(in: 0...4, using: &random)) ?? .string
            let encoding = ValueEncoding(rawValue: .random(in: 0...2, using: &random)) ?? .inline
            let keyLength = Int.random(in: 0...4000, using: &random)
            let inlineLength = Int.random(in: 0...1024, using: &random)
            let (isTagged, expires) = (Bool.random(using: &random), Bool.random(using: &random))
            let mark = Bool.random(using: &random)
            let clock = UInt32.random(in: 0...0x3fff_ffff, using: &random)
            var header = Entry.Header(
                type: type, encoding: encoding, expires: !expires, keyLength: keyLength, inlineLength: inlineLength,
                isTagged: isTagged, mark: !mark)
            header.mark = mark
            header.accessClock = clock
            header.isPinned = true
            header.expires = expires
            let isRight =
                header.type == type && header.encoding == encoding && header.expires == expires && header.isPinned
                && header.hasLongKey == (keyLength > 2047) && header.isTagged == isTagged && header.mark == mark
                && header.inlineLength == inlineLength && header.accessClock == clock
                && header.shortKeyLength == (keyLength > 2047 ? 0 : keyLength)
            if !isRight { return fail("seed \(random.seed)") }
        }
    }

    @Test func namesAreThoseOfRedis() {
        let names = [ValueType.string, .list, .set, .sortedSet, .hash].map { $0.name.bytes.array }
        #expect(names == ["string", "list", "set", "zset", "hash"].map { [UInt8]($0) })
        let encodings = [ValueEncoding.integer, .inline, .block].map { $0.name.bytes.array }
        #expect(encodings == ["int", "raw", "raw"].map { [UInt8]($0) })
    }
}
