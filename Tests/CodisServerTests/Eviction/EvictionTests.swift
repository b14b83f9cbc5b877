import Testing

@testable import CodisServer

struct EvictionTests {
    @Test func aTurnHasItsTime() {
        var eviction = Eviction()
        #expect(eviction.hasTime && eviction.timeLeft == Eviction.turnLimit)
        eviction.note(.underWay, time: 600_000, freed: 1000, memory: 9000)
        #expect(eviction.timeLeft == 400_000)
        eviction.note(.underWay, time: 600_000, freed: 1000, memory: 8000)
        #expect(!eviction.hasTime && eviction.timeLeft == 0)
        _ = eviction.beginTurn()
        #expect(eviction.timeLeft == Eviction.turnLimit)
    }

    /// Memory falls from turn to turn though commands add to it.
    @Test func commandsShareHalfOfWhatWasFreed() {
        var eviction = Eviction()
        eviction.note(.underWay, time: 1, freed: 1000, memory: 9000)
        #expect(eviction.admits(memory: 9000) && eviction.admits(memory: 9500) && !eviction.admits(memory: 9501))
        // Twice in one turn.
        eviction.note(.underWay, time: 1, freed: 1000, memory: 8500)
        #expect(eviction.admits(memory: 9500) && !eviction.admits(memory: 9501))
        _ = eviction.beginTurn()
        eviction.note(.underWay, time: 1, freed: 0, memory: 9500)
        #expect(eviction.admits(memory: 9500) && !eviction.admits(memory: 9501))
    }

    @Test func whoWaitsIsToldOnceInTheOrderTheyCame() {
        var eviction = Eviction()
        eviction.wait(7)
        eviction.wait(3)
        #expect(eviction.waiters == [7, 3])
        let told = eviction.beginTurn()
        let again = eviction.beginTurn()
        #expect(told == [7, 3] && again == [])
    }

    @Test func theLoopSleepsUnlessThereIsMoreToDo() {
        var eviction = Eviction()
        #expect(eviction.longestWait(from: 5) == .max)
        eviction.note(.underWay, time: 1, freed: 1, memory: 1)
        #expect(eviction.longestWait(from: 5) == 0)
        let begins = eviction.budget.begin(at: 1_000_000)
        eviction.budget.end(at: 2_000_000)
        #expect(begins && eviction.longestWait(from: 2_000_000) == 3)
        eviction.note(.withinLimit, time: 1, freed: 1, memory: 1)
        #expect(eviction.longestWait(from: 5) == .max)
    }
}
