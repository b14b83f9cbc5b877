import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Strings changed where they lie.
struct MutableStringTests {
    private let key = [UInt8]("{t}k")

    /// Every old string, lengthened to every length around the borders of the encodings, and written at its end.
    @Test func everyLengthening() {
        let lengths = [0, 1, 3, 19, 20, 21, 1023, 1024, 1025, 5000, 100_000]
        let strings =
            lengths.map { [UInt8](repeating: 0x73, count: $0) } + ["12", "-9223372036854775808"].map { [UInt8]($0) }
        for old in [nil] + strings as [[UInt8]?] {
            for minimum in lengths {
                for expiry: Database.Expiry in [.none, .at(44)] {
                    var database = Database(number: 0)
                    if let old { database.setString(key.raw, old.raw, expiry: expiry) }
                    var expected = old ?? []
                    if expected.count < minimum { expected += [UInt8](repeating: 0, count: minimum - expected.count) }
                    let length = expected.count
                    if length > 0 { expected[length - 1] = 0x65 }
                    var seen = -1
                    database.modifyString(key.raw, minimumLength: minimum) { span in
                        seen = span.byteCount
                        if seen > 0 { span.storeBytes(of: 0x65, toByteOffset: seen - 1, as: UInt8.self) }
                    }
                    var model = ModelDatabase()
                    model.set(key, expected, old == nil ? .none : expiry)
                    let complaint = database.complaint(expecting: model)
                    guard seen == length, complaint == nil else {
                        return fail("\(old?.count ?? -1) bytes to \(minimum): saw \(seen), \(complaint ?? "")")
                    }
                }
            }
        }
    }

    @Test func aResultThatSpellsANumberStaysBytes() {
        var database = Database(number: 0)
        let old = [UInt8]("x2")
        database.setString(key.raw, old.raw)
        database.modifyString(key.raw, minimumLength: 0) { span in
            span.storeBytes(of: 0x31, toByteOffset: 0, as: UInt8.self)
        }
        let entry = database.find(key.raw)
        #expect(entry?.encoding == .inline && entry?.stringCopy == [UInt8]("12"))
    }

    @Test func appendingIsAmortised() {
        let counter = MemoryCounter()
        var database = Database(number: 0)
        var length = 2000
        database.modifyString(key.raw, minimumLength: length) { _ in }
        let before = counter.allocatedBytes
        for _ in 0..<10_000 {
            length += 10
            database.modifyString(key.raw, minimumLength: length) { _ in }
        }
        let allocated = counter.allocatedBytes - before
        check(database.find(key.raw)?.stringLength == length)
        #expect(allocated < 8 * length, "bytes allocated for a string of \(length)")
    }

    @Test func memoryComesBack() {
        let left = bytesLeft {
            var database = Database(number: 0)
            for length in stride(from: 0, to: 10_000, by: 97) {
                database.modifyString(key.raw, minimumLength: length) { _ in }
            }
        }
        #expect(left == 0)
    }
}
