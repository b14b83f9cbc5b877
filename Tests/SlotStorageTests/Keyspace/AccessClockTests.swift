import Testing

@testable import SlotStorage

struct AccessClockTests {
    /// 2026-01-01 in Unix microseconds.
    private let start: Int64 = 1_767_225_600_000_000

    @Test(arguments: [0, 1, 59, 3600, 86_400, 200 * 86_400])
    func secondsSinceAUse(_ seconds: Int64) {
        let used = AccessClock.tick(atMicroseconds: start)
        // A tick is 16 ms, so what is asked half a second later is clear of the border between two seconds.
        let now = AccessClock.tick(atMicroseconds: start + seconds * 1_000_000 + 500_000)
        #expect(AccessClock.seconds(since: used, until: now) == Int(seconds))
    }

    @Test func usesWithinASecondDiffer() {
        let ticks = (0..<10).map { AccessClock.tick(atMicroseconds: start + $0 * 20_000) }
        #expect(Set(ticks).count == 10)
    }

    @Test func itComesRound() {
        let last: UInt32 = 0x3fff_ffff
        #expect(AccessClock.age(of: last, at: 0) == 1)
        #expect(AccessClock.age(of: last - 5, at: 10) == 16)
        #expect(AccessClock.tick(atMicroseconds: Int64(last) << 14) == last)
        #expect(AccessClock.tick(atMicroseconds: (Int64(last) + 1) << 14) == 0)
    }
}
