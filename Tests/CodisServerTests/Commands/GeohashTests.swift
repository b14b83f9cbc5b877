import Testing

@testable import CodisServer
import TestSupport

struct GeohashTests {
    /// Places and what Redis 3.2.6 answers for them: ZSCORE and GEOHASH.
    @Test(arguments: [
        (13.361389, 38.115556, 3_479_099_956_230_698.0, "sqc8b49rny0"),
        (15.087269, 37.502669, 3_479_447_370_796_909, "sqdtr74hyu0"),
        (0, 0, 3_377_699_720_527_872, "s0000000000"), (-180, -85, 273_961_029, "00bh2n0p050"),
    ])
    func recorded(_ longitude: Double, _ latitude: Double, _ score: Double, _ letters: String) {
        let hash = Geohash(GeoPlace(longitude: longitude, latitude: latitude))
        #expect(hash.score == score)
        #expect(hash.letters == Array(letters.utf8))
    }

    /// Every box of some sizes: a place in it is in it again, and it has the neighbours that it should have.
    @Test func boxesAndNeighbours() {
        for step in 1...5 {
            let boxes = UInt64(1) << UInt64(2 * step)
            for bits in 0..<boxes {
                let hash = Geohash(bits: bits, step: step)
                let middle = hash.place
                #expect(Geohash(middle, step: step) == hash)
                let east = hash.neighbour(east: 1, north: 0)
                #expect(east.neighbour(east: -1, north: 0) == hash)
                #expect(hash.neighbour(east: 0, north: -1).neighbour(east: 0, north: 1) == hash)
                #expect(
                    hash.neighbour(east: 1, north: 1) == hash.neighbour(east: 0, north: 1).neighbour(east: 1, north: 0))
                let isAtEdge = hash.area.longitude.upperBound == 180
                #expect(east.area.longitude.lowerBound == (isAtEdge ? -180 : hash.area.longitude.upperBound))
                #expect(east.area.latitude == hash.area.latitude)
            }
        }
    }

    /// The scores of a box's places are those between its own and the next one's.
    @Test func scoresOfABox() {
        var generator = SeededGenerator(for: "GeohashTests.scoresOfABox")
        for _ in 0..<2000 {
            let place = GeoPlace(
                longitude: .random(in: -180..<180, using: &generator),
                latitude: .random(in: -85..<85, using: &generator))
            let score = Geohash(place).score
            for step in [1, 7, 20, 25, 26] {
                let box = Geohash(place, step: step)
                #expect(box.scores.contains(score), "\(place)")
                #expect(box.area.contains(place), "\(place)")
            }
        }
    }

    /// Scores that stand for no place do not trap.
    @Test(arguments: [-1, -1e300, 1e300, .infinity, -.infinity, 1.5, 9_007_199_254_740_992, 1.8446744073709552e19])
    func anyScore(_ score: Double) {
        let hash = Geohash(score: score)
        #expect(hash.letters.count == 11)
        #expect(!GeoSearch(centre: hash.place, radius: 1000).boxes.isEmpty)
    }

    @Test func distances() {
        let palermo = GeoPlace(longitude: 13.361389338970184, latitude: 38.1155563954963)
        let catania = GeoPlace(longitude: 15.087267458438873, latitude: 37.50266842333162)
        #expect(abs(palermo.distance(to: catania) - 166_274.1516) < 0.0001)
        #expect(palermo.distance(to: palermo) == 0)
    }
}
