import Glibc

/// A place on earth, in degrees.
struct GeoPlace: Equatable {
    var longitude: Double
    var latitude: Double

    /// The nearest place in an area.
    func clamped(to area: GeoArea) -> GeoPlace {
        GeoPlace(
            longitude: min(max(longitude, area.longitude.lowerBound), area.longitude.upperBound),
            latitude: min(max(latitude, area.latitude.lowerBound), area.latitude.upperBound))
    }

    /// The way to another place on a sphere, in metres (haversine formula; up to half a percent from the truth).
    func distance(to other: GeoPlace) -> Double {
        let (latitude, otherLatitude) = (Self.radians(latitude), Self.radians(other.latitude))
        let u = sin((otherLatitude - latitude) / 2)
        let v = sin((Self.radians(other.longitude) - Self.radians(longitude)) / 2)
        return 2 * Self.earthRadius * asin(sqrt(u * u + cos(latitude) * cos(otherLatitude) * v * v))
    }

    /// The degrees that hold everything within `radius` metres.
    func boundingBox(radius: Double) -> GeoArea {
        let north = Self.degrees(radius / Self.earthRadius)
        let east = Self.degrees(radius / Self.earthRadius / cos(Self.radians(latitude)))
        return GeoArea(longitude: longitude - east...longitude + east, latitude: latitude - north...latitude + north)
    }

    /// In metres, as Redis has it.
    private static let earthRadius = 6_372_797.560856

    private static func radians(_ degrees: Double) -> Double { degrees * (Double.pi / 180) }
    private static func degrees(_ radians: Double) -> Double { radians / (Double.pi / 180) }
}

/// All places between two longitudes and two latitudes, in degrees.
struct GeoArea {
    var longitude: ClosedRange<Double>
    var latitude: ClosedRange<Double>

    /// What sorted sets can hold: the square Mercator map (EPSG:900913).
    static let mercator = GeoArea(longitude: -180...180, latitude: -85.05112878...85.05112878)
    /// What geohash.org knows.
    static let standard = GeoArea(longitude: -180...180, latitude: -90...90)

    func contains(_ place: GeoPlace) -> Bool {
        longitude.contains(place.longitude) && latitude.contains(place.latitude)
    }

    var middle: GeoPlace {
        GeoPlace(
            longitude: (longitude.lowerBound + longitude.upperBound) / 2,
            latitude: (latitude.lowerBound + latitude.upperBound) / 2)
    }
}
