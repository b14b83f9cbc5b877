import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Random operations on two databases against dictionaries.
struct DatabaseModelTests {
    @Test func randomOperations() {
        let seed = SeededGenerator(for: "DatabaseModelTests.randomOperations").seed
        let left = bytesLeft {
            var run = ModelRun(seed: seed)
            for step in 0..<15_000 {
                let operation = run.step()
                guard step % 500 == 0 else { continue }
                if let complaint = run.complaint {
                    return fail("seed \(seed), step \(step), \(operation): \(complaint)")
                }
            }
            if let complaint = run.complaint { fail("seed \(seed), at the end: \(complaint)") }
        }
        #expect(left == 0, "seed \(seed)")
    }
}

private struct ModelRun: ~Copyable {
    private var keyspace = Keyspace(databaseCount: 2, hashSeed: 0)
    private var models = [ModelDatabase(), ModelDatabase()]
    private var random: SeededGenerator
    private let keys: [[UInt8]]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        var keys = (0..<120).map { [UInt8]("key:\($0)") }
        keys += (0..<200).map { [UInt8]("{t}\($0)") } + (0..<60).map { [UInt8]("{tag\($0 % 6)}\($0)") }
        keys += [
            [], [0, 255], [UInt8](repeating: 0x6c, count: 16_384),
            [UInt8]("{l}") + .init(repeating: 0x6c, count: 70_000),
        ]
        self.keys = keys
    }

    /// What is wrong with the keyspace, if anything is.
    var complaint: String? {
        keyspace[0].complaint(expecting: models[0]) ?? keyspace[1].complaint(expecting: models[1])
    }

    /// Does something, and says what.
    mutating func step() -> String {
        let number = Int.random(in: 0...1, using: &random)
        let key = keys.randomElement(using: &random) ?? []
        let item = models[number].items[key]
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<350:
            let (string, expiry) = (randomString(), randomExpiry())
            keyspace[number].setString(key.raw, string.raw, expiry: expiry)
            models[number].set(key, string, expiry)
            return "setString"
        case 350..<450:
            let (string, expiry) = (randomString(), randomExpiry())
            keyspace[number].set(key.raw, Value(copying: string.raw), expiry: expiry)
            models[number].set(key, string, expiry)
            return "set"
        case 450..<500:
            let integer = Int64(bitPattern: random.next())
            keyspace[number].setInteger(key.raw, integer)
            models[number].set(key, [UInt8](String(integer)), .keep)
            return "setInteger"
        case 500..<600:
            let expiry = Bool.random(using: &random) ? Int64.random(in: 0...Int64.max, using: &random) : nil
            let isThere = keyspace[number].setExpiry(key.raw, expiry)
            models[number].items[key]?.expiry = expiry
            if isThere != (item != nil) { fail("setExpiry answered \(isThere)") }
            return "setExpiry"
        case 600..<700:
            modify(key, item, in: number)
            return "modifyString"
        case 700..<800:
            rename(key, in: number)
            return "rename"
        case 800..<850:
            guard item != nil, models[1 - number].items[key] == nil else { return "nothing" }
            keyspace.move(key.raw, from: number, to: 1 - number)
            models[1 - number].items[key] = item
            models[number].items[key] = nil
            return "move"
        case 850..<997:
            let isThere = keyspace[number].remove(key.raw)
            models[number].items[key] = nil
            if isThere != (item != nil) { fail("remove answered \(isThere)") }
            return "remove"
        case 997..<999:
            detachSlot(of: key, in: number)
            return "detach"
        default:
            let expected = models[number].items.count
            let detached = keyspace[number].detachAll()
            models[number] = ModelDatabase()
            let count = detached.count
            if count != expected { fail("detachAll took \(count) of \(expected)") }
            return "detachAll"
        }
    }

    private mutating func modify(_ key: [UInt8], _ item: ModelDatabase.Item?, in number: Int) {
        let minimum = [0, 1, 10, 500, 1024, 1025, 3000].randomElement(using: &random) ?? 0
        keyspace[number].modifyString(key.raw, minimumLength: minimum) { span in
            if span.byteCount > 0 { span.storeBytes(of: 0x2e, toByteOffset: span.byteCount - 1, as: UInt8.self) }
        }
        var string = item?.string ?? []
        if string.count < minimum { string += [UInt8](repeating: 0, count: minimum - string.count) }
        if !string.isEmpty { string[string.count - 1] = 0x2e }
        models[number].items[key] = ModelDatabase.Item(string, expiry: item?.expiry)
    }

    private mutating func rename(_ key: [UInt8], in number: Int) {
        let other = keys.randomElement(using: &random) ?? []
        guard let item = models[number].items[key], other != key else { return }
        keyspace[number].rename(key.raw, to: other.raw)
        models[number].items[key] = nil
        // A string that was changed to spell a number stays bytes, moved or not.
        models[number].items[other] = item
    }

    private mutating func detachSlot(of key: [UInt8], in number: Int) {
        let slot = SlotTag(of: key.raw).slot
        let expected = models[number].items.keys.filter { SlotTag(of: $0.raw).slot == slot }
        let detached = keyspace[number].detach(slot: slot)
        for key in expected { models[number].items[key] = nil }
        var keys: [[UInt8]] = []
        detached.forEachKey { keys.append($0.array) }
        if detached.count != expected.count || Set(keys) != Set(expected) { fail("detach took other keys") }
    }

    private mutating func randomString() -> [UInt8] {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: [UInt8](String(Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)))
        case 1: [UInt8]("007")
        case 2: random.bytes(.random(in: 1000...1100, using: &random))
        case 3: [UInt8](repeating: 0x62, count: .random(in: 1025...5000, using: &random))
        default: random.bytes(.random(in: 0...60, using: &random))
        }
    }

    private mutating func randomExpiry() -> Database.Expiry {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .none
        case 1: .keep
        default: .at(.random(in: 0...1 << 50, using: &random))
        }
    }
}
