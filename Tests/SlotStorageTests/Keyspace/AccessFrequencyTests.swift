import Memory
import Testing

@testable import SlotStorage

struct AccessFrequencyTests {
    private let minute: Int64 = 60_000_000
    /// 2026-01-01 in Unix microseconds.
    private let start: Int64 = 1_767_225_600_000_000

    @Test func aNewKeyHasAStart() {
        let frequency = AccessFrequency(newAtMicroseconds: start)
        #expect(frequency.counter == 5)
        #expect(frequency.bits < 1 << 24)
        #expect(AccessFrequency(bits: frequency.bits) == frequency)
    }

    @Test func itGoesDownByTheMinute() {
        var frequency = AccessFrequency(newAtMicroseconds: start)
        frequency.decay(toMicroseconds: start + 2 * minute, minutesPerStep: 1)
        #expect(frequency.counter == 3)
        frequency.decay(toMicroseconds: start + 3 * minute, minutesPerStep: 2)
        #expect(frequency.counter == 3)
        frequency.decay(toMicroseconds: start + 9 * minute, minutesPerStep: 0)
        #expect(frequency.counter == 3)
        frequency.decay(toMicroseconds: start + 200 * minute, minutesPerStep: 1)
        #expect(frequency.counter == 0)
    }

    @Test func minutesComeRound() {
        // The minute before 65,536 of them are full.
        let last: Int64 = 65_535 * minute
        var frequency = AccessFrequency(newAtMicroseconds: last)
        frequency.decay(toMicroseconds: last + 3 * minute, minutesPerStep: 1)
        #expect(frequency.counter == 2)
    }

    /// The table in Redis' own documentation of `lfu-log-factor`, which tells about where the counter gets.
    @Test(arguments: [
        (0, 1000, 255...255), (1, 1000, 42...60), (10, 100, 7...14), (10, 1000, 14...24), (10, 100_000, 125...160),
        (100, 1000, 7...12), (100, 100_000, 42...58),
    ])
    func itGrowsWithTheLogarithmOfTheUses(_ factor: Int, _ uses: Int, _ expected: ClosedRange<UInt8>) {
        var random = SplitMix(seed: 17)
        var frequency = AccessFrequency(newAtMicroseconds: start)
        for _ in 0..<uses { frequency.count(logFactor: factor, &random) }
        #expect(expected.contains(frequency.counter))
    }
}
