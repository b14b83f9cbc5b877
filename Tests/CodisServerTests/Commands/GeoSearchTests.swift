import Testing

@testable import CodisServer
import TestSupport

struct GeoSearchTests {
    /// Everything within the radius is in one of the boxes, at any place and for any radius that one ring of boxes
    /// covers.
    @Test func nothingIsMissed() {
        var generator = SeededGenerator(for: "GeoSearchTests.nothingIsMissed")
        for round in 0..<20_000 {
            let centre = GeoPlace(
                longitude: .random(in: -179..<179, using: &generator),
                latitude: .random(in: -70..<70, using: &generator))
            let radius = pow(10, Double.random(in: 0..<5, using: &generator))
            let reach = centre.boundingBox(radius: radius)
            let place = GeoPlace(
                longitude: .random(in: reach.longitude, using: &generator),
                latitude: .random(in: reach.latitude, using: &generator))
            guard centre.distance(to: place) < radius, GeoArea.mercator.contains(place) else { continue }
            let score = Geohash(place).score
            let boxes = GeoSearch(centre: centre, radius: radius).boxes
            guard boxes.contains(where: { $0.scores.contains(score) }) else {
                Issue.record(
                    "round \(round): \(place) is \(radius) m from \(centre) and in none of \(boxes.count) boxes")
                return
            }
        }
    }

    private func pow(_ base: Double, _ exponent: Double) -> Double {
        (0..<Int(exponent)).reduce(1) { product, _ in product * base }
            * (1 + (exponent - exponent.rounded(.down)) * (base - 1))
    }
}
