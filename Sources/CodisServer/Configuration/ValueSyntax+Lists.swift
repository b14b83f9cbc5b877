// Values of several words.

extension ValueSyntax where Value == [SavePoint] {
    /// A line adds one point, `save ""` removes all; `CONFIG SET` replaces all by pairs of numbers.
    static let savePoints = Self(
        wordCounts: 1...2,
        readLine: { points, words throws(ValueError) in
            if words.count == 2 {
                try points.append(savePoint(words[0], words[1]))
            } else if words[0].bytes.isEmpty {
                points = []
            } else {
                throw .invalid("Invalid save parameters")
            }
        },
        readArgument: { points, argument throws(ValueError) in
            let words = argument.parts
            guard words.count.isMultiple(of: 2) else { throw .invalid("Invalid save parameters") }
            points = []
            for first in stride(from: 0, to: words.count, by: 2) {
                try points.append(savePoint(words[first], words[first + 1]))
            }
        },
        print: { points in Array(points.map { "\($0.seconds) \($0.changes)" }.joined(separator: " ").utf8) }
    ).rewritten(.lines { points in points.map { Array("\($0.seconds) \($0.changes)".utf8) } })

    private static func savePoint(
        _ seconds: ConfigurationWord, _ changes: ConfigurationWord
    ) throws(ValueError) -> SavePoint {
        guard let seconds = seconds.integer, let changes = changes.integer, seconds >= 1, changes >= 0 else {
            throw .invalid("Invalid save parameters")
        }
        return SavePoint(seconds: seconds, changes: changes)
    }
}

extension ValueSyntax where Value == OutputBufferLimits {
    /// Class, hard limit, soft limit, seconds. A line has one class, `CONFIG SET` any number; the others stay.
    static let outputBufferLimits = Self(
        wordCounts: 4...4,
        readLine: { limits, words throws(ValueError) in try setLimit(words[...], in: &limits) },
        readArgument: { limits, argument throws(ValueError) in
            let words = argument.parts
            guard words.count.isMultiple(of: 4) else { throw .invalid("Invalid client output buffer limits") }
            for first in stride(from: 0, to: words.count, by: 4) {
                try setLimit(words[first..<first + 4], in: &limits)
            }
        },
        print: { limits in
            let texts = OutputBufferLimits.classes.map { name, property in
                let limit = limits[keyPath: property]
                return "\(name) \(limit.hard) \(limit.soft) \(limit.softSeconds)"
            }
            return Array(texts.joined(separator: " ").utf8)
        }
    ).rewritten(
        .lines { limits in
            OutputBufferLimits.classes.map { name, property in
                let limit = limits[keyPath: property]
                let hard = String(decoding: ValueSyntax<Int>.sizeText(limit.hard), as: UTF8.self)
                let soft = String(decoding: ValueSyntax<Int>.sizeText(limit.soft), as: UTF8.self)
                return Array("\(name) \(hard) \(soft) \(limit.softSeconds)".utf8)
            }
        })

    private static func setLimit(
        _ words: ArraySlice<ConfigurationWord>, in limits: inout OutputBufferLimits
    ) throws(ValueError) {
        let values = Array(words)
        guard let known = OutputBufferLimits.classes.first(where: { $0.name == values[0].keyword }) else {
            throw .invalid("Unrecognized client limit class")
        }
        guard let hard = values[1].memorySize, let soft = values[2].memorySize, hard >= 0, soft >= 0 else {
            throw .invalid("argument must be a memory value")
        }
        guard let seconds = values[3].integer, seconds >= 0 else {
            throw .invalid("Negative number of seconds in soft limit is invalid")
        }
        limits[keyPath: known.limit] = OutputBufferLimit(hard: hard, soft: soft, softSeconds: seconds)
    }
}

extension ValueSyntax where Value == [String] {
    /// Up to 16 network addresses (Redis' `REDIS_BINDADDR_MAX`). A second line replaces the first.
    static let addresses = Self(
        wordCounts: 1...Int.max,
        readLine: { addresses, words throws(ValueError) in addresses = try read(words) },
        readArgument: { addresses, argument throws(ValueError) in addresses = try read(argument.parts) },
        print: { Array($0.joined(separator: " ").utf8) }
    ).optional

    private static func read(_ words: [ConfigurationWord]) throws(ValueError) -> [String] {
        guard words.count <= 16 else { throw .invalid("Too many bind addresses specified") }
        let addresses = words.compactMap(\.text)
        guard addresses.count == words.count else { throw .invalid("Invalid bind address") }
        return addresses
    }
}

extension ValueSyntax where Value == MasterAddress? {
    /// Host and port, or `no one`.
    static let master = Self(
        wordCounts: 2...2,
        readLine: { master, words throws(ValueError) in master = try read(words) },
        readArgument: { master, argument throws(ValueError) in master = try read(argument.parts) },
        print: { master in Array((master.map { "\($0.host) \($0.port)" } ?? "").utf8) }
    ).optional

    private static func read(_ words: [ConfigurationWord]) throws(ValueError) -> MasterAddress? {
        guard words.count == 2, let host = words[0].text else { throw .invalid("Invalid master host") }
        if words.map(\.keyword) == ["no", "one"] { return nil }
        guard let port = words[1].integer, (1...65535).contains(port) else { throw .invalid("Invalid master port") }
        return MasterAddress(host: host, port: port)
    }
}

extension ValueSyntax where Value == [CommandRename] {
    /// The name a command has, and the one it gets. Each line adds one.
    static let renames = Self(
        wordCounts: 2...2,
        readLine: { renames, words throws(ValueError) in
            renames.append(CommandRename(command: words[0].bytes, name: words[1].bytes))
        },
        readArgument: { _, _ throws(ValueError) in throw .invalid("commands are renamed at start only") },
        print: { renames in
            let words = renames.flatMap { [$0.command, $0.name] }.map(ConfigurationLine.quoted)
            return Array(words.joined(separator: [UInt8(ascii: " ")]))
        }
    ).rewritten(.never)
}

extension ConfigurationWord {
    /// The parts of a `CONFIG SET` argument that holds several values.
    fileprivate var parts: [ConfigurationWord] {
        bytes.split(separator: UInt8(ascii: " ")).map { ConfigurationWord($0) }
    }
}
