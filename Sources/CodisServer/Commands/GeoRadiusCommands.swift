import Memory
import RESP
import SlotStorage

/// What is near a place: GEORADIUS and GEORADIUSBYMEMBER.
extension Server {
    /// `GEORADIUS key longitude latitude radius unit [options]`
    mutating func georadius(_ request: Request, _ client: Client) throws(CommandError) {
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.array(0)
        }
        guard let centre = try place(request[2], request[3], client) else { return }
        try search(set, around: centre, request, radiusAt: 4, client)
    }

    /// `GEORADIUSBYMEMBER key member radius unit [options]`
    mutating func georadiusbymember(_ request: Request, _ client: Client) throws(CommandError) {
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.array(0)
        }
        guard let score = set.score(of: request[2]) else { throw .noSuchPlace }
        try search(set, around: Geohash(score: score).place, request, radiusAt: 3, client)
    }

    private mutating func search(
        _ set: SortedSetValue, around centre: GeoPlace, _ request: Request, radiusAt index: Int, _ client: Client
    ) throws(CommandError) {
        let radius = try request[index].score(orThrow: .notARadius)
        if radius < 0 { throw .negativeRadius }
        let unit = try GeoUnit(request[index + 1])
        let options = try GeoOptions(request, from: index + 2)
        var found = set.members(within: GeoSearch(centre: centre, radius: radius * unit.metres))
        switch options.order {
        case .ascending: found.sort { $0.distance < $1.distance }
        case .descending: found.sort { $0.distance > $1.distance }
        case .none: break
        }
        if let count = options.count { found = Array(found.prefix(count)) }
        if let target = options.targetPosition {
            store(found, under: request[target], options.storesDistances ? unit : nil, client)
        } else {
            reply(found, options, unit, client)
        }
    }

    private func reply(_ found: [GeoMember], _ options: GeoOptions, _ unit: GeoUnit, _ client: Client) {
        client.reply.array(found.count)
        let details = [options.withDistance, options.withHash, options.withCoordinates].count { $0 }
        for item in found {
            if details > 0 { client.reply.array(1 + details) }
            item.member.withBytes { client.reply.bulk($0) }
            if options.withDistance { client.reply.bulk(distance: item.distance / unit.metres) }
            if options.withHash { client.reply.integer(Int64(exactly: item.member.score.rounded(.towardZero)) ?? .min) }
            if options.withCoordinates { client.reply.coordinates(of: item.place) }
        }
    }

    /// Stores what was found under a key, with distances in `unit` as scores, or with those it has.
    private mutating func store(_ found: [GeoMember], under key: RawSpan, _ unit: GeoUnit?, _ client: Client) {
        var builder = SortedSetBuilder()
        for item in found {
            let score = unit.map { item.distance / $0.metres } ?? item.member.score
            item.member.withBytes { _ = builder.insert($0, score: score) }
        }
        let (count, database) = (builder.count, client.state.database)
        if count > 0 {
            let limits = configuration.encodingLimits
            notifyIfExpired(key, client)
            keyspace[database].set(key, builder.finish(limits).value)
            changed(key, in: database, times: count)
            notify(.sortedSet, "georadiusstore", key, in: database)
        } else if keyspace[database].remove(key) {
            changed(key, in: database)
            notify(.generic, "del", key, in: database)
        } else {
            return client.reply.integer(found.count)
        }
        propagateSortedSet(under: key, in: database)
        client.reply.integer(found.count)
    }
}

/// A member of a sorted set that a search has found.
private struct GeoMember {
    let member: SortedSetMember
    let place: GeoPlace
    /// From the centre of the search, in metres.
    let distance: Double
}

extension SortedSetValue {
    /// The members in the boxes of a search that are near enough, box by box.
    fileprivate func members(within search: GeoSearch) -> [GeoMember] {
        var found: [GeoMember] = []
        for box in search.boxes {
            let scores = box.scores
            let range = ScoreRange(minimum: scores.lowerBound, maximum: scores.upperBound, excludesMaximum: true)
            forEachMember(in: ranks(in: range)) { member in
                let place = Geohash(score: member.score).place
                let distance = search.centre.distance(to: place)
                if distance <= search.radius {
                    found.append(GeoMember(member: member, place: place, distance: distance))
                }
            }
        }
        return found
    }
}

/// What may follow the radius.
struct GeoOptions {
    enum Order {
        case none, ascending, descending
    }

    private(set) var withDistance = false
    private(set) var withHash = false
    private(set) var withCoordinates = false
    private(set) var order = Order.none
    private(set) var count: Int?
    /// The argument that names the key to store the result under.
    private(set) var targetPosition: Int?
    private(set) var storesDistances = false

    init(_ request: Request, from start: Int) throws(CommandError) {
        var index = start
        while index < request.count {
            let word = request[index]
            let hasNext = index + 1 < request.count
            if word.equalsIgnoringCase("withdist") {
                withDistance = true
            } else if word.equalsIgnoringCase("withhash") {
                withHash = true
            } else if word.equalsIgnoringCase("withcoord") {
                withCoordinates = true
            } else if word.equalsIgnoringCase("asc") {
                order = .ascending
            } else if word.equalsIgnoringCase("desc") {
                order = .descending
            } else if hasNext, word.equalsIgnoringCase("count") {
                index += 1
                let number = try request[index].integer()
                guard number > 0 else { throw .notAGeoCount }
                count = Int(number)
            } else if hasNext, word.equalsIgnoringCase("store") || word.equalsIgnoringCase("storedist") {
                storesDistances = word.byteCount == 9
                index += 1
                targetPosition = index
            } else {
                throw .syntax
            }
            index += 1
        }
        if targetPosition != nil, withDistance || withHash || withCoordinates { throw .geoStoreOptions }
        // The nearest ones, if only some are wanted.
        if count != nil, order == .none { order = .ascending }
    }

    /// The key to store under, if there is one: what is waited for while it is on its way to another server.
    static func target(of request: Request, optionsFrom start: Int) -> KeyPositions {
        guard request.count > start, let options = try? GeoOptions(request, from: start),
            let target = options.targetPosition
        else { return .none }
        return .range(target, target)
    }
}
