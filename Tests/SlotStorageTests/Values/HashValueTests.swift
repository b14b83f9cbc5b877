import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct HashValueTests {
    private static func limits(entries: Int = 512, value: Int = 64) -> EncodingLimits {
        var limits = EncodingLimits()
        limits.hashMaxZiplistEntries = entries
        limits.hashMaxZiplistValue = value
        return limits
    }

    /// Every size up to 80, with the change of encoding at every size.
    @Test func everySizeAndLimit() {
        for entries in 0...30 {
            let limits = Self.limits(entries: entries)
            var hash = HashValue.empty()
            var model: [[UInt8]: [UInt8]] = [:]
            for number in 0..<80 {
                let (field, value) = ([UInt8]("f\(number)"), [UInt8]("\(number * 1000)"))
                if !hash.set(field.raw, value.raw, limits) { return fail("\(number) is not new") }
                if hash.set(field.raw, value.raw, limits) { return fail("\(number) is new") }
                model[field] = value
                let expected: ValueEncoding = number + 1 > entries ? .table : .compactList
                if hash.encoding != expected { return fail("\(number + 1) fields: \(hash.encoding)") }
                if let complaint = hash.complaint(expecting: model) { return fail("\(number): \(complaint)") }
            }
            for number in 0..<80 {
                let field = [UInt8]("f\(number)")
                if !hash.remove(field.raw) || hash.remove(field.raw) { return fail("removing \(number)") }
                model[field] = nil
                if let complaint = hash.complaint(expecting: model) { return fail("without \(number): \(complaint)") }
            }
            hash.free()
        }
    }

    @Test func lengthsThatMakeATable() {
        let limits = Self.limits(value: 64)
        let (short, long) = ([UInt8](repeating: 0x61, count: 64), [UInt8](repeating: 0x61, count: 65))
        for (field, value, encoding) in [
            (short, short, ValueEncoding.compactList), (short, long, .table), (long, short, .table),
        ] {
            var hash = HashValue.empty()
            hash.set(field.raw, value.raw, limits)
            #expect(hash.encoding == encoding)
            hash.free()
        }
        // The results of increments are stored whatever the length of the field.
        var hash = HashValue.empty()
        hash.store(long.raw, short.raw, limits)
        #expect(hash.encoding == .compactList)
        hash.fit(long.raw, limits)
        #expect(hash.encoding == .table)
        #expect(hash.valueLength(of: long.raw) == 64)
        hash.free()
    }

    @Test(arguments: [0, 3, 20, 100_000])
    func randomChanges(_ entries: Int) {
        var random = SeededGenerator(for: "HashValueTests.random(\(entries))")
        let limits = Self.limits(entries: entries, value: entries > 1000 ? 1 << 20 : 64)
        var model: [[UInt8]: [UInt8]] = [:]
        var hash = HashValue.empty()
        let fields = (0..<60).map { $0 % 3 == 0 ? [UInt8]("\($0 * 1111)") : random.bytes($0 * 5) }
        for round in 0..<6000 {
            let field = fields[Int.random(in: 0..<(round % 1000 < 500 ? 60 : 12), using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let length = [3, 40, 130, 260, 20_000][Int.random(in: 0..<(round % 50 == 0 ? 5 : 4), using: &random)]
                let value =
                    random.next() % 3 == 0
                    ? [UInt8]("\(Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random))")
                    : random.bytes(Int.random(in: 0...length, using: &random))
                if hash.set(field.raw, value.raw, limits) != (model.updateValue(value, forKey: field) == nil) {
                    return fail("seed \(random.seed), round \(round): new or not")
                }
            default:
                if hash.remove(field.raw) != (model.removeValue(forKey: field) != nil) {
                    return fail("seed \(random.seed), round \(round): removed or not")
                }
            }
            if round % 7 == 0, let complaint = hash.complaint(expecting: model) {
                return fail("seed \(random.seed), round \(round): \(complaint)")
            }
        }
        hash.free()
    }

    @Test func compactFieldsKeepTheirOrder() {
        var hash = HashValue.empty()
        for name in ["c", "a", "b", "a"] { hash.set([UInt8](name).raw, [UInt8]("v" + name).raw, Self.limits()) }
        var seen: [String] = []
        hash.forEach { field, value in seen.append(field.text + "=" + value.text) }
        #expect(seen == ["c=vc", "a=va", "b=vb"])
        hash.free()
    }

    /// What is there all the time is seen, however the hash changes between the steps.
    @Test func scanningWhileItChanges() {
        var random = SeededGenerator(for: "HashValueTests.scan")
        for round in 0..<40 {
            var hash = HashValue.empty()
            let stable = (0..<Int.random(in: 1...700, using: &random)).map { [UInt8]("stable\($0)") }
            for field in stable { hash.set(field.raw, field.raw, Self.limits(entries: 0)) }
            var seen = Set<[UInt8]>()
            var cursor: UInt64 = 0
            repeat {
                cursor = hash.scan(cursor) { field in
                    let name = field.nameCopy
                    if name.first == 0x73, field.valueCopy != name { fail("another value") }
                    seen.insert(name)
                }
                for _ in 0..<Int.random(in: 0...30, using: &random) {
                    let volatile = [UInt8]("v\(Int.random(in: 0..<3000, using: &random))")
                    if random.next() % 2 == 0 {
                        hash.set(volatile.raw, volatile.raw, Self.limits(entries: 0))
                    } else {
                        hash.remove(volatile.raw)
                    }
                }
            } while cursor != 0
            if !seen.isSuperset(of: stable) { return fail("seed \(random.seed), round \(round)") }
            hash.free()
        }
    }

    @Test func everyByteComesBack() {
        let value = [UInt8](repeating: 0x76, count: 300)
        let left = bytesLeft {
            for entries in [0, 10, 1000] {
                let limits = Self.limits(entries: entries, value: 1000)
                var hash = HashValue.empty()
                for number in 0..<500 {
                    hash.set([UInt8]("field\(number)").raw, value[..<(number % 300)].array.raw, limits)
                }
                for number in 0..<500 { hash.set([UInt8]("field\(number)").raw, [UInt8]("\(number)").raw, limits) }
                for number in 0..<250 { hash.remove([UInt8]("field\(number)").raw) }
                hash.free()
            }
        }
        #expect(left == 0)
    }
}

extension ArraySlice<UInt8> {
    fileprivate var array: [UInt8] { Array(self) }
}

extension HashValue {
    /// What is wrong with the hash, if anything is.
    fileprivate func complaint(expecting model: [[UInt8]: [UInt8]]) -> String? {
        if count != model.count { return "\(count) fields, not \(model.count)" }
        for (field, value) in model {
            var found: [UInt8]?
            let isThere = withValue(of: field.raw) { found = $0.array }
            if found != value || !isThere { return "another value" }
            if valueLength(of: field.raw) != value.count || !contains(field.raw) { return "another length" }
        }
        let absent = [UInt8]("no such field")
        if contains(absent.raw) || valueLength(of: absent.raw) != nil || withValue(of: absent.raw, { _ in }) {
            return "a field that is not there"
        }
        var visited: [[UInt8]: [UInt8]] = [:]
        var visits = 0
        forEach { field, value in
            visited[field.array] = value.array
            visits += 1
        }
        if visited != model || visits != model.count { return "forEach visits others" }
        visited = [:]
        visits = 0
        var cursor: UInt64 = 0
        repeat {
            cursor = scan(cursor) { field in
                visited[field.nameCopy] = field.valueCopy
                visits += 1
            }
        } while cursor != 0
        return visited == model && visits == model.count ? nil : "the scan visits others"
    }
}
