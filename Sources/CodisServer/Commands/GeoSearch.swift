/// The boxes to look into for everything within a radius: the one around the centre, and those of its eight neighbours
/// that are not out of reach (`geohash_helper.c` of Redis 3.2).
struct GeoSearch {
    /// May be out of this world, if a score says so.
    let centre: GeoPlace
    /// In metres.
    let radius: Double

    /// The place to look around.
    private let mapCentre: GeoPlace

    init(centre: GeoPlace, radius: Double) {
        self.centre = centre
        self.radius = radius
        mapCentre = centre.clamped(to: .mercator)
    }

    /// In the order in which Redis looks into them. Two that follow each other differ.
    var boxes: [Geohash] {
        let reach = mapCentre.boundingBox(radius: radius)
        var hash = Geohash(mapCentre, step: estimatedStep)
        if hash.step > 1, !coversRadius(around: hash) { hash = Geohash(mapCentre, step: hash.step - 1) }
        let area = hash.area
        let usesSouth = hash.step < 2 || area.latitude.lowerBound >= reach.latitude.lowerBound
        let usesNorth = hash.step < 2 || area.latitude.upperBound <= reach.latitude.upperBound
        let usesWest = hash.step < 2 || area.longitude.lowerBound >= reach.longitude.lowerBound
        let usesEast = hash.step < 2 || area.longitude.upperBound <= reach.longitude.upperBound
        var boxes = [hash]
        for (east, north) in Self.directions {
            if north > 0 && !usesNorth || north < 0 && !usesSouth || east > 0 && !usesEast || east < 0 && !usesWest {
                continue
            }
            let box = hash.neighbour(east: east, north: north)
            // With a huge radius the box to the east is that to the west.
            if boxes.last != box { boxes.append(box) }
        }
        return boxes
    }

    /// North, south, east, west, and between.
    private static let directions = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)]

    /// Half the length of the equator on the Mercator map, in metres.
    private static let mercatorEnd = 20_037_726.37

    /// The precision of boxes that are about as large as the radius.
    private var estimatedStep: Int {
        if radius == 0 { return Geohash.longestStep }
        var step = 1
        var range = radius
        while range < Self.mercatorEnd {
            range *= 2
            step += 1
        }
        step -= 2
        // Towards the poles boxes are smaller than they look.
        if abs(mapCentre.latitude) > 66 { step -= abs(mapCentre.latitude) > 80 ? 2 : 1 }
        return min(max(step, 1), Geohash.longestStep)
    }

    /// Whether the far ends of the four neighbours are out of the radius. Where the centre is near the edge of its box,
    /// they may not be.
    private func coversRadius(around hash: Geohash) -> Bool {
        let north = hash.neighbour(east: 0, north: 1).area.latitude.upperBound
        let south = hash.neighbour(east: 0, north: -1).area.latitude.lowerBound
        let east = hash.neighbour(east: 1, north: 0).area.longitude.upperBound
        let west = hash.neighbour(east: -1, north: 0).area.longitude.lowerBound
        return [
            GeoPlace(longitude: mapCentre.longitude, latitude: north),
            GeoPlace(longitude: mapCentre.longitude, latitude: south),
            GeoPlace(longitude: east, latitude: mapCentre.latitude),
            GeoPlace(longitude: west, latitude: mapCentre.latitude),
        ].allSatisfy { mapCentre.distance(to: $0) >= radius }
    }
}
