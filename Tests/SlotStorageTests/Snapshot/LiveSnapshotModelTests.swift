import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Random changes of all kinds while a snapshot is made: it shows what was there when it began, entry for entry.
struct LiveSnapshotModelTests {
    @Test func aSnapshotShowsTheMomentOfItsBeginning() {
        let seed = SeededGenerator(for: "LiveSnapshotModelTests").seed
        let left = bytesLeft {
            var run = SnapshotRun(seed: seed)
            run.change(1500)
            for round in 0..<8 {
                // Most are completed; after one that was given up, the next must be right all the same.
                let complaint = round % 4 == 3 ? run.abandonedSnapshot() : run.snapshot()
                if let complaint { return fail("seed \(seed), round \(round): \(complaint)") }
            }
        }
        #expect(left == 0, "seed \(seed)")
    }
}

private struct SnapshotRun: ~Copyable {
    private var keyspace = Keyspace(databaseCount: 3, hashSeed: 0)
    private var random: SeededGenerator
    private var live: Handle<LiveSnapshot>?
    /// Keys that left their database while the snapshot ran.
    private var detached: [DetachedKeys] = []
    private let limits: EncodingLimits

    private final class DetachedKeys {
        let slots: DetachedSlots
        let database: Int
        var walk = SnapshotWalk()

        init(_ slots: consuming DetachedSlots, of database: Int) {
            self.slots = slots
            self.database = database
        }
    }

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        var limits = EncodingLimits()
        limits.setMaxIntsetEntries = 20
        self.limits = limits
    }

    // MARK: Snapshots

    mutating func snapshot() -> String? {
        let moment = Int64.random(in: 0..<1000, using: &random)
        let expected = keyspace.texts(at: moment)
        let live = Handle(LiveSnapshot(.rdb, compresses: Bool.random(using: &random), at: moment))
        begin(live)
        var snapshot = SnapshotBytes()
        var walk = SnapshotWalk()
        while advance(&walk) {
            change(Int.random(in: 0..<4, using: &random))
            for chunk in live.value.takeChunks() { snapshot.append(chunk) }
        }
        let count = live.value.entriesDone
        snapshot.append(live.value.finish(), isLast: true)
        end(live)
        change(20)
        switch snapshot.contents() {
        case .failure(let complaint): return complaint.text
        case .success(let contents):
            if contents == expected { return count >= expected.count ? nil : "\(count) entries counted" }
            let keys = Set(contents.keys).union(expected.keys).filter { contents[$0] != expected[$0] }
            return keys.prefix(5).map { name in
                "\(name.database)/\(String(decoding: name.key, as: UTF8.self)): "
                    + "\((expected[name] ?? "not there").prefix(200)), and in the snapshot "
                    + "\((contents[name] ?? "not there").prefix(200))"
            }.joined(separator: "\n")
        }
    }

    /// One that is given up on its way; the walk then marks the rest while changes go on.
    mutating func abandonedSnapshot() -> String? {
        let live = Handle(LiveSnapshot(.rdb, compresses: false, at: 0))
        begin(live)
        var walk = SnapshotWalk()
        let steps = Int.random(in: 0..<300, using: &random)
        for _ in 0..<steps where advance(&walk) { change(2) }
        end(live)
        while keyspace.advance(&walk) { change(Int.random(in: 0..<3, using: &random)) }
        return nil
    }

    private mutating func begin(_ live: Handle<LiveSnapshot>) {
        keyspace.begin(live)
        self.live = live
    }

    private mutating func end(_ live: Handle<LiveSnapshot>) {
        keyspace.end(live)
        self.live = nil
        detached = []
        live.destroy()
    }

    /// A step of the snapshot, as the server makes it.
    private mutating func advance(_ walk: inout SnapshotWalk) -> Bool {
        guard let live else { return false }
        if live.value.hasLongValues {
            // Not a change for each of thousands of members.
            for _ in 0..<Int.random(in: 1..<1000, using: &random) where live.value.hasLongValues {
                _ = live.value.advance()
            }
        } else if let keys = detached.first {
            if !keyspace.advance(&keys.walk, over: keys.slots, of: keys.database) { detached.removeFirst() }
        } else {
            return keyspace.advance(&walk) || live.value.hasLongValues
        }
        return true
    }

    // MARK: Changes

    mutating func change(_ times: Int) {
        for _ in 0..<times { change() }
    }

    private mutating func change() {
        let number = Int.random(in: 0..<2, using: &random)
        let key = [UInt8](["k", "{t}", "{u}"][Int(random.next() % 3)] + "\(random.next() % 400)")
        guard mayChange(key, in: number) else { return }
        switch random.next() % 1000 {
        case 0..<200: keyspace[number].setString(key.raw, string().raw, expiry: expiry())
        case 200..<350: keyspace[number].set(key.raw, collection(), expiry: expiry())
        case 350..<600: changeMembers(of: key, in: number)
        case 600..<680: keyspace[number].remove(key.raw)
        case 680..<740: _ = keyspace[number].setExpiry(key.raw, expiryTime())
        case 740..<800: rename(key, in: number)
        case 800..<840: move(key, from: number)
        case 840..<900: modify(key, in: number)
        case 900..<950: setInteger(key, in: number)
        case 950..<953: long(key, in: number)
        case 953..<960: empty(slotOf: key, in: number)
        case 960..<963: detach(keyspace[2].detachAll(), of: 2)
        default: break
        }
    }

    /// What the server asks of its clients: who wants to change a long value that is still to be written has to wait.
    private mutating func mayChange(_ key: [UInt8], in number: Int) -> Bool {
        guard live != nil, let entry = keyspace[number].find(key.raw) else { return true }
        return !keyspace.enqueue(entry, in: number)
    }

    private mutating func changeMembers(of key: [UInt8], in number: Int) {
        guard let entry = keyspace[number].find(key.raw) else { return }
        keyspace[number].preserve(entry)
        let text = [UInt8]("m\(random.next() % 300)")
        switch entry.type {
        case .string: break
        case .list: entry.list.push(text.raw, to: Bool.random(using: &random) ? .head : .tail, limits)
        case .hash: entry.hash.set(text.raw, text.raw, limits)
        case .set: _ = entry.set.insert(text.raw, limits)
        case .sortedSet:
            let score = Double(random.next() % 100)
            entry.sortedSet.update(text.raw, limits) { _ in score }
        }
    }

    private mutating func rename(_ key: [UInt8], in number: Int) {
        let newKey = [UInt8]("{u}\(random.next() % 400)")
        guard key != newKey, keyspace[number].find(key.raw) != nil, mayChange(newKey, in: number) else { return }
        keyspace[number].rename(key.raw, to: newKey.raw)
    }

    private mutating func move(_ key: [UInt8], from number: Int) {
        let target = (number + 1) % 3
        guard keyspace[number].find(key.raw) != nil, keyspace[target].find(key.raw) == nil else { return }
        keyspace.move(key.raw, from: number, to: target)
    }

    private mutating func modify(_ key: [UInt8], in number: Int) {
        if let entry = keyspace[number].find(key.raw), entry.type != .string { return }
        keyspace[number].modifyString(key.raw, minimumLength: Int.random(in: 1..<200, using: &random)) { bytes in
            unsafe bytes.withUnsafeMutableBytes { unsafe $0[0] = 0x21 }
        }
    }

    private mutating func setInteger(_ key: [UInt8], in number: Int) {
        if let entry = keyspace[number].find(key.raw), entry.encoding == .integer {
            keyspace[number].setInteger(of: entry, Int64(random.next() % 1000))
        } else {
            keyspace[number].setInteger(key.raw, 7)
        }
    }

    /// A value that is written in steps.
    private mutating func long(_ key: [UInt8], in number: Int) {
        let value: Value
        switch random.next() % 4 {
        case 0: value = Value(copying: [UInt8](repeating: 0x61, count: 70_000 + Int(random.next() % 100_000)).raw)
        case 1:
            var list = ListValue.empty()
            for index in 0..<5000 { list.push([UInt8]("element \(index)").raw, to: .tail, limits) }
            value = list.value
        case 2:
            var hash = HashValue.empty()
            for index in 0..<4 {
                hash.set([UInt8]("f\(index)").raw, [UInt8](repeating: 0x62, count: 66_000).raw, limits)
            }
            value = hash.value
        default:
            var set = SortedSetValue.empty()
            for index in 0..<4200 { set.update([UInt8]("m\(index)").raw, limits) { _ in Double(index) } }
            value = set.value
        }
        keyspace[number].set(key.raw, value)
    }

    private mutating func empty(slotOf key: [UInt8], in number: Int) {
        detach(keyspace[number].detach(slot: SlotTag(of: key.raw).slot), of: number)
    }

    private mutating func detach(_ slots: consuming DetachedSlots, of number: Int) {
        if live != nil { detached.append(DetachedKeys(slots, of: number)) }
    }

    // MARK: Values

    private mutating func string() -> [UInt8] {
        switch random.next() % 4 {
        case 0: [UInt8]("\(Int64(bitPattern: random.next()) >> 40)")
        case 1: [UInt8](repeating: 0x63, count: Int(random.next() % 3000))
        case 2: random.bytes(Int(random.next() % 60))
        default: [UInt8]("a string that is worth compressing, worth compressing, worth compressing")
        }
    }

    private mutating func collection() -> Value {
        let count = [1, 5, 30, 150, 700][Int(random.next() % 5)]
        switch random.next() % 4 {
        case 0:
            var list = ListValue.empty()
            for index in 0..<count { list.push([UInt8]("element \(index)").raw, to: .tail, limits) }
            return list.value
        case 1:
            var hash = HashValue.empty()
            for index in 0..<count { hash.set([UInt8]("m\(index)").raw, [UInt8]("v\(index)").raw, limits) }
            return hash.value
        case 2:
            let isInteger = random.next() % 2 == 0
            var set = SetValue.empty()
            for index in 0..<count { _ = set.insert([UInt8](isInteger ? "\(index * 3)" : "m\(index)").raw, limits) }
            return set.value
        default:
            var set = SortedSetValue.empty()
            for index in 0..<count { set.update([UInt8]("m\(index)").raw, limits) { _ in Double(index) / 8 } }
            return set.value
        }
    }

    private mutating func expiry() -> Database.Expiry { expiryTime().map { .at($0) } ?? .none }

    /// Some have passed when the snapshot is made, and some pass while it is.
    private mutating func expiryTime() -> Int64? {
        random.next() % 3 == 0 ? nil : Int64(random.next() % 3000)
    }
}
