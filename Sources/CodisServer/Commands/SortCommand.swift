import Memory
import RESP
import SlotStorage

/// `SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC|DESC] [ALPHA] [STORE target]`
///
/// The elements are copied out first, so that looking at other keys cannot disturb them. Unlike Redis, which turns a
/// compact sorted set into a large one here, SORT leaves the value as it is.
extension Server {
    mutating func sort(_ request: Request, _ client: Client) throws(CommandError) {
        let source = findForReading(request[1], client)
        if let source, source.type == .string || source.type == .hash { throw .wrongType }
        var options = try SortOptions(request)
        let isRanked = source?.type == .sortedSet
        // What is stored, and what a script gets of a set, has the same order everywhere.
        let isKept = options.targetPosition != nil || client.state.isScript && source?.type == .set
        if options.leavesOrder, isKept, !isRanked { options.orderByElements() }
        let range = options.range(of: source?.elementCount ?? 0)
        var elements = SortElements()
        if let source {
            // Of a list or a ranking that is not sorted, only what is wanted.
            let isPart = options.leavesOrder && source.type != .set
            elements.load(source, isPart ? range : nil, isReversed: isPart && isRanked && options.isDescending)
            if isPart { options.limit = nil }
        }
        if !options.leavesOrder {
            try weigh(&elements, options, client)
            elements.sort(options, keepsOrderOfEquals: source?.type == .list)
        }
        elements.keep(options.range(of: elements.count))
        if let target = options.targetPosition {
            store(elements, options, under: request[target], client)
        } else {
            reply(elements, options, client)
        }
    }

    /// Gives every element what it is sorted by.
    private mutating func weigh(
        _ elements: inout SortElements, _ options: SortOptions, _ client: Client
    ) throws(CommandError) {
        var areNumbers = true
        var element = ByteBuffer()
        for index in 0..<elements.count {
            element.removeAll()
            element.append(elements[index])
            // An element whose pattern leads nowhere has the weight 0, or comes before all text.
            withValue(of: options.pattern ?? .element, for: element.bytes, client) { text in
                if options.isText {
                    elements.setText(of: index, text, isCollated: options.targetPosition == nil)
                } else if let number = Double(sortWeight: text) {
                    elements.setNumber(of: index, number)
                } else {
                    areNumbers = false
                }
            }
        }
        guard areNumbers else { throw .notSortable }
    }

    private mutating func reply(_ elements: borrowing SortElements, _ options: SortOptions, _ client: Client) {
        client.reply.array(elements.count * max(1, options.fetched.count))
        for index in 0..<elements.count {
            if options.fetched.isEmpty { client.reply.bulk(elements[index]) }
            for pattern in options.fetched {
                let isThere = withValue(of: pattern, for: elements[index], client) { client.reply.bulk($0) }
                if !isThere { client.reply.null() }
            }
        }
    }

    /// Puts the result as a list in the place of what is under `key`; an empty one removes it.
    private mutating func store(
        _ elements: borrowing SortElements, _ options: SortOptions, under key: RawSpan, _ client: Client
    ) {
        let database = client.state.database
        let limits = configuration.encodingLimits
        var list = ListValue.empty()
        for index in 0..<elements.count {
            if options.fetched.isEmpty { list.push(elements[index], to: .tail, limits) }
            for pattern in options.fetched {
                let isThere = withValue(of: pattern, for: elements[index], client) { list.push($0, to: .tail, limits) }
                if !isThere { list.push(StaticString("").bytes, to: .tail, limits) }
            }
        }
        let count = list.count
        if count > 0 {
            notifyIfExpired(key, client)
            keyspace[database].set(key, list.value)
            changed(key, in: database, times: count)
            notify(.list, "sortstore", key, in: database)
        } else {
            list.free()
            if keyspace[database].remove(key) {
                changed(key, in: database)
                notify(.generic, "del", key, in: database)
            }
        }
        client.reply.integer(count)
    }

    /// Shows what a pattern leads to from an element to `body`; `false` when there is nothing.
    @discardableResult
    private mutating func withValue(
        of pattern: SortPattern, for element: RawSpan, _ client: Client, _ body: (RawSpan) -> Void
    ) -> Bool {
        switch pattern {
        case .element:
            body(element)
            return true
        case .nothing:
            return false
        case .key(let prefix, let suffix, let field):
            var key = ByteBuffer(copying: prefix.bytes)
            key.append(element)
            key.append(suffix.bytes)
            guard let entry = findForReading(key.bytes, client) else { return false }
            if let field { return entry.type == .hash && entry.hash.withValue(of: field.bytes, body) }
            guard entry.type == .string else { return false }
            entry.withString(body)
            return true
        }
    }
}

extension Entry {
    /// Elements of a collection that SORT takes.
    fileprivate var elementCount: Int {
        switch type {
        case .list: list.count
        case .set: set.count
        case .sortedSet: sortedSet.count
        case .string, .hash: 0
        }
    }
}

extension Double {
    /// The number that an element spells for `strtod`: blanks may stand in front, nothing spells zero, and what is
    /// behind a NUL byte does not count. `nil` for anything else and for what is out of range.
    fileprivate init?(sortWeight text: RawSpan) {
        var start = 0
        while start < text.byteCount, text[start].isSpace { start += 1 }
        // Blanks alone spell nothing that could be read.
        if start > 0, start == text.byteCount || text[start] == 0 { return nil }
        self.init(score: text.extracting(start..<text.byteCount))
    }
}
