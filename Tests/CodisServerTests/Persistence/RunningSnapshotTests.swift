import SlotStorage
import Testing

@testable import CodisServer

struct RunningSnapshotTests {
    private static func snapshot() -> RunningSnapshot {
        let sink = SnapshotSink(number: 1, format: .rdb, target: .eventLoop, hasChecksum: true)
        return RunningSnapshot(
            purpose: .save, format: .rdb, sink: sink, keys: 1000, dirty: 0, startedAt: 1_000_000_000, isStreamed: false,
            mostBytesWaiting: 1)
    }

    @Test func theEndIsEstimatedFromTheSpeedSoFar() {
        var snapshot = Self.snapshot()
        #expect(snapshot.estimatedSeconds(at: 3_000_000_000) == nil)
        snapshot.keysDone = 250
        #expect(snapshot.estimatedSeconds(at: 3_000_000_000) == 6)
        #expect(snapshot.seconds(at: 3_000_000_000) == 2)
        // Keys that came later are none of it.
        snapshot.keysDone = 1200
        #expect(snapshot.estimatedSeconds(at: 3_000_000_000) == 0)
    }

    @Test func theWalkWaitsForWhatIsUnderWay() {
        var work = SnapshotWork()
        #expect(!work.hasWork && work.canBegin)
        #expect(work.longestWait(from: 0) == .max)
        work.running = Self.snapshot()
        work.walk = SnapshotWalk()
        #expect(work.hasWork && !work.canBegin)
        work.running?.bytesUnderWay = 8 << 20
        #expect(work.hasWork == false)
        #expect(work.longestWait(from: 0) == .max)
        work.running = nil
        #expect(work.hasWork && !work.canBegin, "marks are still to be made equal")
    }

    @Test func slicesComeAtOnceOnlyAfterSilence() {
        var work = SnapshotWork()
        work.walk = SnapshotWalk()
        work.lastTraffic = 1_000_000_000
        #expect(work.isIdle(at: 1_001_999_999) == false)
        #expect(work.isIdle(at: 1_002_000_000) == true)
        let begins = work.budget.begin(at: 1_000_000_000)
        #expect(begins)
        work.endSlice(from: 1_000_000_000, to: 1_000_500_000, entries: 100)
        #expect(work.longestSlice == 500_000)
        #expect(work.longestWait(from: 1_000_500_000) == 2, "1.5 ms of pause, rounded up")
        #expect(work.longestWait(from: 1_002_000_000) == 0)
    }

    @Test func whatCommandsHadWrittenCountsAsWork() {
        var work = SnapshotWork()
        work.walk = SnapshotWalk()
        work.running = Self.snapshot()
        _ = work.budget.begin(at: 1_000_000_000)
        // 100 entries in the slice took half a millisecond, 50 were written outside of it.
        work.running?.keysDone = 150
        work.endSlice(from: 1_000_000_000, to: 1_000_500_000, entries: 100)
        #expect(work.budget.pause(from: 1_000_500_000) == 2_250_000)
    }
}
