import Testing

@testable import CodisServer

@Suite struct LuaRandomTests {
    /// What `lrand48` gives after `srand48(0)`, over 2^31 - 1.
    @Test func theNumbersAreThoseOfThePOSIXGenerator() {
        var random = LuaRandom()
        let first = random.next()
        let second = random.next()
        #expect(abs(first - 0.170828036112) < 1e-12)
        #expect(abs(second - 0.749901980511) < 1e-12)
    }

    @Test func theSameSeedGivesTheSameNumbers() {
        var (one, other, different) = (LuaRandom(seed: -5), LuaRandom(seed: -5), LuaRandom(seed: 5))
        var allAreDifferent = true
        for _ in 0..<1000 {
            let number = one.next()
            #expect(number == other.next())
            #expect(number >= 0 && number <= 1)
            if number == different.next() { allAreDifferent = false }
        }
        #expect(allAreDifferent)
    }
}
