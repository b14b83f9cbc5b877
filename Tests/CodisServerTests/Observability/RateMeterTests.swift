import Testing

@testable import CodisServer

struct RateMeterTests {
    private static let second: Int64 = 1_000_000_000

    @Test func showsTheMeanOfSixteenSamples() {
        var meter = RateMeter()
        meter.record(1000, at: 5 * Self.second)
        #expect(meter.perSecond == 0)
        // 160 counts in half a second; the fifteen samples that are missing count as zero.
        meter.record(1160, at: 5 * Self.second + Self.second / 2)
        #expect(meter.perSecond == 20)
        var time = 6 * Self.second
        meter.record(1160, at: time)
        for step in 1...16 {
            time += Self.second
            meter.record(1160 + step * 7, at: time)
        }
        #expect(meter.perSecond == 7)
    }

    @Test func ignoresASampleWithoutTimeBetween() {
        var meter = RateMeter()
        meter.record(0, at: Self.second)
        meter.record(5, at: Self.second)
        meter.record(16, at: 2 * Self.second)
        #expect(meter.perSecond == 1)
    }

    @Test func statisticsTakeTenSamplesASecondAtMost() {
        var statistics = Statistics()
        statistics.sample(at: Self.second)
        statistics.commandsProcessed = 160
        statistics.sample(at: Self.second + 50_000_000)
        #expect(statistics.commandRate.perSecond == 0)
        statistics.sample(at: Self.second + 100_000_000)
        #expect(statistics.commandRate.perSecond == 100)
    }

    @Test func resettingKeepsThePeakOfMemoryAlone() {
        var statistics = Statistics()
        statistics.sampleMemory(100)
        statistics.sampleMemory(50)
        statistics.keyspaceHits = 3
        statistics.reset()
        #expect(statistics.peakMemory == 100)
        #expect(statistics.keyspaceHits == 0)
    }
}
