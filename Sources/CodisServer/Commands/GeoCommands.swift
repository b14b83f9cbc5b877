import Memory
import RESP
import SlotStorage

/// Places on earth as members of sorted sets, whose scores are geohashes: the commands of Redis 3.2.
extension Server {
    /// `GEOADD key longitude latitude member [longitude latitude member ...]`
    mutating func geoadd(_ request: Request, _ client: Client) throws(CommandError) {
        guard (request.count - 2) % 3 == 0 else { throw .geoaddSyntax }
        for index in stride(from: 2, to: request.count, by: 3) {
            if try place(request[index], request[index + 1], client) == nil { return }
        }
        let (key, database) = (request[1], client.state.database)
        let limits = configuration.encodingLimits
        let entry = try findForWriting(key, holding: .sortedSet, client)
        var set = entry?.sortedSet ?? .empty()
        var (added, updated) = (0, 0)
        for index in stride(from: 2, to: request.count, by: 3) {
            guard let place = try place(request[index], request[index + 1], client) else { continue }
            let change = set.update(request[index + 2], limits) { _ in Geohash(place).score }
            if change == .added { added += 1 }
            if change == .updated { updated += 1 }
        }
        if let entry { entry.sortedSet = set } else { keyspace[database].set(key, set.value) }
        if added + updated > 0 {
            changed(key, in: database, times: added + updated)
            notify(.sortedSet, "zadd", key, in: database)
            propagateScores(of: request, membersFrom: 4, step: 3, in: database)
        }
        client.reply.integer(added)
    }

    /// The place that two arguments mean; where they are numbers of no place, the reply says so, and the answer is
    /// `nil`.
    func place(_ longitude: RawSpan, _ latitude: RawSpan, _ client: Client) throws(CommandError) -> GeoPlace? {
        let place = GeoPlace(longitude: try longitude.score(), latitude: try latitude.score())
        if GeoArea.mercator.contains(place) { return place }
        client.reply.append("-ERR invalid longitude,latitude pair ")
        client.reply.append(place.longitude.decimalText(digits: 6).bytes)
        client.reply.append(",")
        client.reply.append(place.latitude.decimalText(digits: 6).bytes)
        client.reply.append("\r\n")
        return nil
    }

    /// `GEOHASH key member [member ...]`
    mutating func geohash(_ request: Request, _ client: Client) throws(CommandError) {
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.array(0)
        }
        client.reply.array(request.count - 2)
        for index in 2..<request.count {
            if let score = set.score(of: request[index]) {
                client.reply.bulk(Geohash(score: score).letters)
            } else {
                client.reply.null()
            }
        }
    }

    /// `GEOPOS key member [member ...]`
    mutating func geopos(_ request: Request, _ client: Client) throws(CommandError) {
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.array(0)
        }
        client.reply.array(request.count - 2)
        for index in 2..<request.count {
            if let score = set.score(of: request[index]) {
                client.reply.coordinates(of: Geohash(score: score).place)
            } else {
                client.reply.nullArray()
            }
        }
    }

    /// `GEODIST key member member [unit]`
    mutating func geodist(_ request: Request, _ client: Client) throws(CommandError) {
        let unit = request.count == 5 ? try GeoUnit(request[4]) : .metre
        guard request.count <= 5 else { throw .syntax }
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.bulk("")
        }
        guard let score = set.score(of: request[2]), let other = set.score(of: request[3]) else {
            return client.reply.null()
        }
        let distance = Geohash(score: score).place.distance(to: Geohash(score: other).place)
        client.reply.bulk(distance: distance / unit.metres)
    }
}

/// What distances are given in.
enum GeoUnit {
    case metre, kilometre, foot, mile

    init(_ word: RawSpan) throws(CommandError) {
        if word.elementsEqual(StaticString("m").bytes) {
            self = .metre
        } else if word.elementsEqual(StaticString("km").bytes) {
            self = .kilometre
        } else if word.elementsEqual(StaticString("ft").bytes) {
            self = .foot
        } else if word.elementsEqual(StaticString("mi").bytes) {
            self = .mile
        } else {
            throw .unknownUnit
        }
    }

    var metres: Double {
        switch self {
        case .metre: 1
        case .kilometre: 1000
        case .foot: 0.3048
        case .mile: 1609.34
        }
    }
}

extension ReplyBuffer {
    /// Longitude and latitude, with 17 digits behind the point.
    mutating func coordinates(of place: GeoPlace) {
        array(2)
        double(LongDouble(place.longitude).decimalText.bytes)
        double(LongDouble(place.latitude).decimalText.bytes)
    }

    mutating func bulk(distance: Double) { bulk(distance.decimalText(digits: 4).bytes) }
}
