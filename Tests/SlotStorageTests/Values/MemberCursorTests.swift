import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// A cursor gives what `forEach` gives, in every encoding and at every size where something begins anew.
struct MemberCursorTests {
    static let sizes = [1, 2, 3, 7, 29, 30, 31, 61, 200, 511, 512, 513, 1100, 3000]

    /// Encodings as they are by default, and the large ones from the first member on.
    static let limits = [EncodingLimits(), EncodingLimits.large]

    @Test(arguments: sizes)
    func lists(_ size: Int) {
        for limits in Self.limits {
            var list = ListValue.empty()
            let elements = (0..<size).map { $0 % 3 == 0 ? [UInt8]("\($0)") : [UInt8]("element:\($0 * 7919)") }
            for element in elements { list.push(element.raw, to: .tail, limits) }
            #expect(Self.members(list.value) == elements)
        }
    }

    @Test(arguments: sizes)
    func hashes(_ size: Int) {
        for limits in Self.limits {
            var hash = HashValue.empty()
            for index in 0..<size { hash.set([UInt8]("f\(index)").raw, [UInt8]("v\(index)").raw, limits) }
            var expected: [[UInt8]] = []
            hash.forEach { field, value in expected.append(field.array + [UInt8]("=") + value.array) }
            #expect(expected.count == size)
            #expect(Self.members(hash.value) == expected)
        }
    }

    @Test(arguments: sizes)
    func sets(_ size: Int) {
        for limits in Self.limits {
            for isInteger in [true, false] {
                var set = SetValue.empty()
                for index in 0..<size {
                    _ = set.insert([UInt8](isInteger ? "\(index * 31)" : "member:\(index)").raw, limits)
                }
                var expected: [[UInt8]] = []
                set.forEach { expected.append($0.array) }
                #expect(expected.count == size)
                #expect(Self.members(set.value) == expected)
            }
        }
    }

    @Test(arguments: sizes)
    func sortedSets(_ size: Int) {
        for limits in Self.limits {
            var set = SortedSetValue.empty()
            for index in 0..<size { set.update([UInt8]("m\(index)").raw, limits) { _ in Double(index * 17 % 1009) } }
            var expected: [[UInt8]] = []
            set.forEach { member, score in expected.append(member.array + [UInt8]("@\(score)")) }
            #expect(expected.count == size)
            #expect(Self.members(set.value) == expected.reversed(), "the highest first")
        }
    }

    /// What a cursor gives of a value, which is freed.
    private static func members(_ value: Value) -> [[UInt8]] {
        var database = Database(number: 0)
        database.set([UInt8]("key").raw, value)
        guard let entry = database.find([UInt8]("key").raw) else { return [] }
        var members: [[UInt8]] = []
        var cursor = MemberCursor(of: entry)
        while let member = cursor.next() {
            switch member {
            case .element(let element): members.append(element.withBytes { $0.array })
            case .field(let field): members.append(field.nameCopy + [UInt8]("=") + field.valueCopy)
            case .member(let member): members.append(member.array)
            case .scored(let member): members.append(member.withBytes { $0.array } + [UInt8]("@\(member.score)"))
            }
        }
        check(cursor.next() == nil, "it stays at the end")
        return members
    }
}

extension EncodingLimits {
    /// No compact encoding for anything.
    fileprivate static var large: EncodingLimits {
        var limits = EncodingLimits()
        limits.listMaxZiplistEntries = 0
        limits.hashMaxZiplistEntries = 0
        limits.setMaxIntsetEntries = 0
        limits.zsetMaxZiplistEntries = 0
        return limits
    }
}
