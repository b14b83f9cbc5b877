/// A place on earth as one number: longitude and latitude in turn, bit by bit, so that places with the same front bits
/// lie in the same box. Redis keeps 26 bits of each as the score of a sorted set, which a double holds exactly.
///
/// Latitudes end where the Mercator map is square. The arithmetic is that of Redis 3.2 (`geohash.c`), so that scores
/// are the same bits.
struct Geohash: Equatable {
    /// The even bits are the latitude's, the odd ones the longitude's.
    private(set) var bits: UInt64
    /// Bits of each of the two.
    let step: Int

    /// The precision of scores: boxes of 0.6 metres at the equator.
    static let longestStep = 26

    init(bits: UInt64, step: Int) {
        self.bits = bits
        self.step = step
    }

    /// The box with a place in it, or with the nearest one in `world`.
    init(_ place: GeoPlace, step: Int = Geohash.longestStep, in world: GeoArea = .mercator) {
        self.init(
            bits: Self.spread(Self.fraction(place.latitude, of: world.latitude, step))
                | Self.spread(Self.fraction(place.longitude, of: world.longitude, step)) << 1,
            step: step)
    }

    /// Where a coordinate lies in its range, as an integer of `step` bits, and one more for the end of the range.
    private static func fraction(_ coordinate: Double, of range: ClosedRange<Double>, _ step: Int) -> UInt32 {
        let offset = (coordinate - range.lowerBound) / (range.upperBound - range.lowerBound)
        return UInt32(min(max(offset, 0), 1) * Double(UInt64(1) << UInt64(step)))
    }

    // MARK: Scores

    /// The score of the box's first place at full precision.
    var score: Double { Double(bits << UInt64(2 * (Self.longestStep - step))) }

    /// The scores of all places in the box, the end not included.
    var scores: Range<Double> { score..<Geohash(bits: bits &+ 1, step: step).score }

    /// What a score stands for, whatever it is: those that no place has become bits as a processor's conversion makes
    /// them.
    init(score: Double) {
        let whole = score.rounded(.towardZero)
        let bits = Int64(exactly: whole).map { UInt64(bitPattern: $0) } ?? UInt64(exactly: whole)
        self.init(bits: bits ?? (score < 0 ? 1 << 63 : 0), step: Self.longestStep)
    }

    // MARK: Places

    /// The box.
    var area: GeoArea {
        let world = GeoArea.mercator
        return GeoArea(
            longitude: range(Self.gather(bits >> 1), of: world.longitude),
            latitude: range(Self.gather(bits), of: world.latitude))
    }

    private func range(_ fraction: UInt32, of range: ClosedRange<Double>) -> ClosedRange<Double> {
        let boxes = Double(UInt64(1) << UInt64(step))
        let scale = range.upperBound - range.lowerBound
        let lower = range.lowerBound + Double(fraction) / boxes * scale
        return lower...max(lower, range.lowerBound + Double(fraction &+ 1) / boxes * scale)
    }

    /// The middle of the box.
    var place: GeoPlace { area.middle }

    /// The text that the world knows a place by: 11 letters (geohash.org). It is of latitudes to the poles.
    var letters: [UInt8] {
        let standard = Geohash(place, in: .standard)
        // 52 bits are ten letters and two bits; the last letter is Redis' as well.
        return (1...11).map { letter in
            letter == 11 ? UInt8(ascii: "0") : Self.alphabet[Int(standard.bits >> UInt64(52 - 5 * letter) & 31)]
        }
    }

    private static let alphabet = Array("0123456789bcdefghjkmnpqrstuvwxyz".utf8)

    // MARK: Neighbours

    /// The box so many boxes to the east and to the north, around the edges of the world where it has to be.
    func neighbour(east: Int, north: Int) -> Geohash {
        var longitude = bits & Self.odd
        var latitude = bits & Self.even
        let unused = UInt64(64 - 2 * step)
        if east != 0 { longitude = Self.moved(longitude, east, among: Self.even >> unused) & Self.odd >> unused }
        if north != 0 { latitude = Self.moved(latitude, north, among: Self.odd >> unused) & Self.even >> unused }
        return Geohash(bits: longitude | latitude, step: step)
    }

    /// Adds or subtracts one in every other bit; `others` are the bits between.
    private static func moved(_ bits: UInt64, _ direction: Int, among others: UInt64) -> UInt64 {
        direction > 0 ? bits &+ (others &+ 1) : (bits | others) &- (others &+ 1)
    }

    // MARK: Bits

    private static let even: UInt64 = 0x5555_5555_5555_5555
    private static let odd: UInt64 = 0xaaaa_aaaa_aaaa_aaaa

    /// Puts a zero before each bit.
    private static func spread(_ number: UInt32) -> UInt64 {
        var bits = UInt64(number)
        bits = (bits | bits << 16) & 0x0000_ffff_0000_ffff
        bits = (bits | bits << 8) & 0x00ff_00ff_00ff_00ff
        bits = (bits | bits << 4) & 0x0f0f_0f0f_0f0f_0f0f
        bits = (bits | bits << 2) & 0x3333_3333_3333_3333
        return (bits | bits << 1) & even
    }

    /// The even bits as one number.
    private static func gather(_ spread: UInt64) -> UInt32 {
        var bits = spread & even
        bits = (bits | bits >> 1) & 0x3333_3333_3333_3333
        bits = (bits | bits >> 2) & 0x0f0f_0f0f_0f0f_0f0f
        bits = (bits | bits >> 4) & 0x00ff_00ff_00ff_00ff
        bits = (bits | bits >> 8) & 0x0000_ffff_0000_ffff
        return UInt32(truncatingIfNeeded: bits | bits >> 16)
    }
}
