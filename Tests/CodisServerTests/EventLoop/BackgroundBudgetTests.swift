import Testing

@testable import CodisServer

struct BackgroundBudgetTests {
    @Test func aSliceIsAMillisecond() {
        var budget = BackgroundBudget()
        let begins = budget.begin(at: 1_000_000_000)
        #expect(begins)
        #expect(!budget.isSpent(at: 1_000_999_999))
        #expect(budget.isSpent(at: 1_001_000_000))
    }

    @Test func threeQuartersOfTheTimeAreLeftToOthers() {
        var budget = BackgroundBudget()
        var now: Int64 = 1_000_000_000
        var work: Int64 = 0
        // Asked again at each microsecond, with slices that run over by half.
        while now < 2_000_000_000 {
            if budget.begin(at: now) {
                now += 1_500_000
                work += 1_500_000
                budget.end(at: now)
                #expect(budget.pause(from: now) == 4_500_000)
            }
            now += 1000
        }
        #expect((240_000_000...251_500_000).contains(work))
        #expect(budget.pause(from: now + 5_000_000) == 0)
    }

    @Test func whoIsAloneNeedsNotWait() {
        var budget = BackgroundBudget(slice: 500_000)
        let first = budget.begin(at: 0)
        #expect(first && budget.isSpent(at: 500_000) && !budget.isSpent(at: 499_999))
        budget.end(at: 500_000)
        let busy = budget.begin(at: 500_001)
        #expect(!busy)
        let idle = budget.begin(at: 500_001, isIdle: true)
        #expect(idle)
    }

    @Test func workOutsideOfSlicesLengthensThePauseUpToALimit() {
        var budget = BackgroundBudget(slice: 500_000)
        _ = budget.begin(at: 0)
        budget.end(at: 500_000, extra: 500_000)
        #expect(budget.pause(from: 500_000) == 3_000_000)
        _ = budget.begin(at: 10_000_000)
        budget.end(at: 10_500_000, extra: 1_000_000_000)
        #expect(budget.pause(from: 10_500_000) == 4_500_000)
    }
}
