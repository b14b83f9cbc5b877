import Testing

@testable import CodisServer

struct SavesTests {
    private static let points = [
        SavePoint(seconds: 900, changes: 1), SavePoint(seconds: 300, changes: 10), SavePoint(seconds: 60, changes: 100),
    ]

    @Test(arguments: [
        (0, 1_000_000, nil), (1, 1_000_000, 900), (1, 901, 900), (1, 900, nil), (9, 500, nil), (10, 301, 300),
        (10, 300, nil), (99, 61, nil), (100, 61, 60), (100, 60, nil), (1_000_000, 60, nil), (100, 901, 900),
    ])
    func aPointIsDueWhenBothAreReached(_ changes: Int, _ seconds: Int64, _ expected: Int?) {
        let saves = Saves(startedAt: 5000)
        #expect(saves.duePoint(Self.points, changes: changes, at: 5000 + seconds)?.seconds == expected)
    }

    @Test func withoutPointsNothingIsDue() {
        #expect(Saves(startedAt: 0).duePoint([], changes: 1_000_000, at: 1_000_000) == nil)
    }

    @Test func afterAFailureThereIsAPause() {
        var saves = Saves(startedAt: 0)
        saves.lastTry = 10_000
        #expect(saves.duePoint(Self.points, changes: 1, at: 10_001) != nil)
        saves.noteFailure()
        #expect(saves.hasFailed)
        #expect(saves.duePoint(Self.points, changes: 1, at: 10_005) == nil)
        #expect(saves.duePoint(Self.points, changes: 1, at: 10_006) != nil)
        saves.noteSuccess(SnapshotSummary(bytes: 100, dirty: 7, seconds: 3), at: 10_010)
        #expect(!saves.hasFailed && saves.lastSave == 10_010 && saves.savedDirty == 7 && saves.lastDuration == 3)
        #expect(saves.duePoint(Self.points, changes: 1, at: 10_900) == nil)
    }
}
