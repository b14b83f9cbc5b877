import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Drawing keys by chance from slots of very different size.
struct DatabaseSamplingTests {
    /// A slot with many keys and some with few; those with an even number expire.
    private func makeDatabase(_ count: Int) -> Database {
        var database = Database(number: 0)
        for number in 0..<count {
            let key = self.key(number)
            database.setString(key.raw, key.raw, expiry: number % 2 == 0 ? .at(1) : .none)
        }
        return database
    }

    private func key(_ number: Int) -> [UInt8] { [UInt8](number % 3 == 0 ? "\(number)" : "{tag}\(number)") }

    private func number(of entry: Entry) -> Int {
        let digits = String(decoding: entry.keyCopy, as: UTF8.self).split(separator: "}").last ?? ""
        return Int(digits) ?? -1
    }

    /// Within 7 standard deviations, which a draw of equal chances leaves once in 10^11 times.
    @Test func everyKeyIsEquallyLikely() {
        let seed = SeededGenerator(for: "DatabaseSamplingTests.everyKey").seed
        var random = SplitMix(seed: seed)
        let database = makeDatabase(500)
        let share = 400
        var drawn = [Int](repeating: 0, count: 500)
        for _ in 0..<(500 * share) {
            guard let entry = database.randomEntry(&random) else { return fail("nothing drawn") }
            drawn[number(of: entry)] += 1
        }
        #expect(drawn.allSatisfy { abs($0 - share) <= 140 }, "seed \(seed)")
    }

    @Test(arguments: [false, true])
    func samplesReachEveryKeyThatTheyMay(_ onlyExpiring: Bool) {
        let seed = SeededGenerator(for: "DatabaseSamplingTests.samples(\(onlyExpiring))").seed
        var random = SplitMix(seed: seed)
        let database = makeDatabase(500)
        var seen: Set<Int> = []
        var sample: [Entry] = []
        // A key is in one of some hundred samples: the chance that one is missing is below 10^-20.
        for _ in 0..<50_000 {
            sample.removeAll()
            guard let slot = database.appendSample(onlyExpiring: onlyExpiring, to: &sample, &random) else {
                return fail("no sample")
            }
            if sample.isEmpty || !sample.allSatisfy({ SlotTag(of: $0.key).slot == slot }) {
                return fail("seed \(seed): a sample of slot \(slot)")
            }
            for entry in sample { seen.insert(number(of: entry)) }
        }
        let expected = (0..<500).filter { !onlyExpiring || $0 % 2 == 0 }
        #expect(seen == Set(expected), "seed \(seed)")
    }

    @Test func theOnlyKeyThatExpiresIsFoundAmongMany() {
        var random = SplitMix(seed: 3)
        var database = Database(number: 0)
        for number in 0..<5000 {
            let key = [UInt8]("{tag}\(number)")
            database.setString(key.raw, key.raw, expiry: number == 77 ? .at(1) : .none)
        }
        for _ in 0..<20 {
            var sample: [Entry] = []
            database.appendSample(onlyExpiring: true, to: &sample, &random)
            check(sample.map { number(of: $0) } == [77])
        }
    }

    @Test func nothingComesFromNothing() {
        var random = SplitMix(seed: 3)
        var database = Database(number: 0)
        var sample: [Entry] = []
        check(database.randomEntry(&random) == nil)
        check(database.appendSample(onlyExpiring: false, to: &sample, &random) == nil)
        let key = [UInt8]("k")
        database.setString(key.raw, key.raw)
        check(database.randomEntry(&random) == database.find(key.raw))
        check(database.appendSample(onlyExpiring: true, to: &sample, &random) == nil)
        #expect(sample.isEmpty)
    }

    @Test func whatLeavesIsNotDrawn() {
        let seed = SeededGenerator(for: "DatabaseSamplingTests.leaving").seed
        var random = SplitMix(seed: seed)
        var database = makeDatabase(300)
        for number in 0..<300 where number % 5 != 0 { database.remove(key(number).raw) }
        _ = database.detach(slot: SlotTag(of: key(1).raw).slot)
        var left = 0
        database.forEach { _ in left += 1 }
        check(database.count == left)
        for _ in 0..<1000 {
            guard let entry = database.randomEntry(&random) else { return fail("nothing drawn") }
            if number(of: entry) % 15 != 0 { return fail("seed \(seed): \(number(of: entry)) is not there") }
        }
        _ = database.detachAll()
        check(database.count == 0 && database.expiringCount == 0 && database.randomEntry(&random) == nil)
    }

    @Test func keysAreFoundByTheirHash() {
        let database = makeDatabase(300)
        for number in 0..<300 {
            guard let entry = database.find(key(number).raw) else { return fail("lost") }
            let slot = SlotTag(of: entry.key).slot
            check(database.find(hash: entry.keyHash, inSlot: slot) == entry)
            check(database.find(hash: entry.keyHash ^ 1 << 40, inSlot: slot) == nil)
        }
    }
}
