import TestSupport

/// Makes random commands from the templates: most of them sensible, some strange, some wrong.
///
/// Left out on purpose, because the peer's answer is no model:
/// - numbers that Redis 2.8 accepts and later versions refuse (`+5`, `01`, the empty string);
/// - times to live near 2^63, which overflow there;
/// - offsets that make a string of many megabytes;
/// - floats of hundreds of digits, which INCRBYFLOAT answers there with what happens to lie in memory;
/// - SETRANGE at offsets near 2^63, which ends the process there.
struct CommandGenerator {
    private var random: SeededGenerator
    private let templates: [CommandTemplate]
    private let totalWeight: Int

    /// The time at which the generator was made, for the commands that want one.
    private let now: Int

    /// - Parameter now: the time, in seconds since 1970.
    init(seed: UInt64, now: Int, templates: [CommandTemplate] = CommandTemplate.known(to: .redis2_8)) {
        random = SeededGenerator(seed: seed)
        self.now = now
        self.templates = templates
        totalWeight = templates.reduce(0) { $0 + $1.weight }
    }

    /// The next unit.
    mutating func next() -> DifferentialUnit {
        switch Int.random(in: 0..<200, using: &random) {
        case 0: return expiringUnit()
        case 1: return [.scan(prefix: [Bytes(text: "SCAN")], options: scanOptions())]
        case 2:
            let name = random.pick(["HSCAN", "SSCAN", "ZSCAN"])
            return [.scan(prefix: [Bytes(text: name), make(.key)], options: scanOptions())]
        case 3: return [.command([Bytes(text: "FLUSHALL")])]
        case 4..<14: return [.command(spoiled(words()))]
        case 14..<26: return [inline(words())]
        default: return [.command(words())]
        }
    }

    // MARK: Units

    /// A key that ends at once, is waited for and asked for, so that both servers have removed it.
    private mutating func expiringUnit() -> DifferentialUnit {
        let key = make(.key)
        return [
            .command([Bytes(text: "PSETEX"), key, Bytes(text: "1"), make(.value)]), .pause(milliseconds: 5),
            .command([Bytes(text: random.pick(["EXISTS", "GET", "TTL", "TYPE"])), key]),
        ]
    }

    private mutating func scanOptions() -> [Bytes] {
        var options: [Bytes] = []
        if random.once(in: 2) {
            options += [Bytes(text: "COUNT"), Bytes(text: random.pick(["1", "3", "100", "0", "x"]))]
        }
        if random.once(in: 2) { options += [Bytes(text: "MATCH"), make(.pattern)] }
        if random.once(in: 12) { options.append(Bytes(text: "MATCH")) }
        return options
    }

    private mutating func words() -> [Bytes] {
        var left = Int.random(in: 0..<totalWeight, using: &random)
        let template = templates.first { template in
            left -= template.weight
            return left < 0
        }
        // The weights sum up to the total, so one is always found.
        return expanded(template!.words)
    }

    private mutating func expanded(_ arguments: [Argument]) -> [Bytes] {
        var words: [Bytes] = []
        for argument in arguments {
            switch argument {
            case .keys:
                let count = random.once(in: 20) ? 12 : Int.random(in: 1...3, using: &random)
                for _ in 0..<count { words.append(make(.key)) }
            case .keysAndValues:
                for _ in 0..<Int.random(in: 1...3, using: &random) { words += [make(.key), make(.value)] }
            case .optional(let choices):
                if !random.once(in: 3) { words += expanded(random.pick(choices)) }
            case .many(let group):
                for _ in 0..<random.pick([1, 1, 2, 2, 3, 3, 4, 5, 8, random.once(in: 3) ? 600 : 140]) {
                    words += expanded(group)
                }
            case .place:
                let place = Int.random(in: 0..<Self.places.count, using: &random)
                words += (Self.places[place] + ["place\(place)"]).map { Bytes(text: $0) }
            case .bitField: words += bitField()
            default: words.append(make(argument))
            }
        }
        return words
    }

    /// Commands that are sent as they should be: one that takes a random member, and those at which real servers fail
    /// where a key is a damaged HyperLogLog.
    private static let unspoiled: Set = ["spop", "pfadd", "pfcount", "pfmerge"]

    /// The same command made wrong: a word too few or too many, or one that does not belong there.
    private mutating func spoiled(_ words: [Bytes]) -> [Bytes] {
        if Self.unspoiled.contains(words[0].latin1.lowercased()) { return words }
        var words = words
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where words.count > 1: words.removeLast()
        case 1: words.append(make(random.once(in: 2) ? .key : .value))
        case 2 where words.count > 2:
            // Not the place of an offset or a time, see above.
            let odd = ["abc", "1.5", "-1", " 1", "1 ", "0x10", "9223372036854775808", "NaN", "\0"]
            words[words.count - 1] = Bytes(text: random.pick(odd))
        default: words[0] = Bytes(text: random.pick(["", "GETT", "set\r\nx", "\u{1}", "S" + "ET"]))
        }
        return words
    }

    /// The command as a line of text, some words in quotes.
    private mutating func inline(_ words: [Bytes]) -> DifferentialStep {
        guard words.reduce(0, { $0 + $1.count }) < 1000, words.first?.first != UInt8(ascii: "*") else {
            return .command(words)
        }
        let parts = words.map { word -> Bytes in
            let isPlain = !word.isEmpty && word.allSatisfy { (33...126).contains($0) && $0 != 34 && $0 != 39 }
            if isPlain && !random.once(in: 4) { return word }
            return doubleQuoted(word)
        }
        let gap = Bytes(text: random.pick([" ", " ", "  ", "\t "]))
        let end = Bytes(text: random.pick(["\r\n", "\n"]))
        return .inline(words, line: Bytes(parts.joined(separator: gap)) + end)
    }

    private func doubleQuoted(_ word: Bytes) -> Bytes {
        var out = Bytes(text: "\"")
        let digits = Bytes(text: "0123456789abcdef")
        for byte in word {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 32..<127: out.append(byte)
            default: out += Bytes(text: "\\x") + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return out + Bytes(text: "\"")
    }

    // MARK: Words

    private mutating func make(_ argument: Argument) -> Bytes {
        switch argument {
        case .word(let word): spelled(word)
        case .key: key()
        case .value: value()
        case .integer: integer()
        case .float: Bytes(text: random.pick(Self.floats))
        case .index: Bytes(text: random.pick(Self.indexes))
        case .byteOffset: Bytes(text: random.pick(Self.byteOffsets))
        case .bitOffset: Bytes(text: random.pick(Self.bitOffsets))
        case .bit: Bytes(text: random.pick(["0", "1", "0", "1", "0", "1", "2", "-1", "x"]))
        case .seconds: Bytes(text: random.pick(["100", "5000", "1000000", "2147483648", "0", "-1", "x"], rare: 3))
        case .milliseconds: Bytes(text: random.pick(["100000", "5000000", "2147483648000", "0", "-1", "1.5"], rare: 3))
        case .unixSeconds: time(scale: 1)
        case .unixMilliseconds: time(scale: 1000)
        case .database: Bytes(text: random.pick(["0", "0", "1", "2", "15", "16", "-1", "x"], rare: 5))
        case .pattern: Bytes(text: random.pick(Self.patterns))
        case .payload: payload()
        case .field: Bytes(text: "f\(Int.random(in: 0..<8, using: &random))")
        case .score: Bytes(text: random.pick(Self.scores, rare: 3))
        case .count: Bytes(text: random.pick(["0", "1", "-1", "2", "-2", "100"]))
        case .lexBound: lexBound()
        case .placeName: Bytes(text: "place\(Int.random(in: 0...Self.places.count, using: &random))")
        case .radius: Bytes(text: random.pick(["0", "50", "200", "1000", "5000", "-1", "x"], rare: 2))
        case .keys, .keysAndValues, .optional, .many, .place, .bitField: []
        }
    }

    private mutating func lexBound() -> Bytes {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: Bytes(text: "-")
        case 1: Bytes(text: "+")
        case 2: Bytes(text: random.pick(["", "x", "[", "(", "--"]))
        case 3...5: Bytes(text: "[") + make(random.once(in: 2) ? .integer : .value)
        default: Bytes(text: "(") + make(random.once(in: 2) ? .integer : .value)
        }
    }

    private mutating func bitField() -> [Bytes] {
        let type = random.pick(["u1", "u8", "i5", "i16", "u31", "i32", "i33", "u0", "u64", "x"], rare: 3)
        let offset = random.pick(["0", "3", "8", "#1", "#3", "100", "-1", "x"], rare: 2)
        let words =
            switch Int.random(in: 0..<5, using: &random) {
            case 0: ["OVERFLOW", random.pick(["WRAP", "SAT", "FAIL", "x"], rare: 1)]
            case 1: ["GET", type, offset]
            case 2: ["SET", type, offset, "\(Int.random(in: 0...200, using: &random))"]
            default: ["INCRBY", type, offset, "\(Int.random(in: -300...300, using: &random))"]
            }
        return words.map { Bytes(text: $0) }
    }

    private mutating func spelled(_ word: String) -> Bytes {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: Bytes(text: word.lowercased())
        case 1: Bytes(text: String(word.prefix(1)) + word.dropFirst().lowercased())
        default: Bytes(text: word)
        }
    }

    private mutating func key() -> Bytes {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: []
        case 1: [0xFF, 0, 13, 10]
        case 2: Bytes(text: String(repeating: "long", count: 100))
        case 3...9: Bytes(text: "{tag}\(Int.random(in: 0..<4, using: &random))")
        default: Bytes(text: "k\(Int.random(in: 0..<12, using: &random))")
        }
    }

    private mutating func value() -> Bytes {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return []
        case 1: return Bytes(text: random.pick(Self.integers))
        case 2: return (0..<Int.random(in: 1...20, using: &random)).map { _ in byte() }
        case 3: return Bytes(repeating: byte(), count: random.pick([39, 40, 44, 45, 64]))
        case 4:
            let part = random.pick(["a", "abc", "0123456789x"])
            return Bytes(text: String(repeating: part, count: random.pick([100, 1000])))
        default: return Bytes(text: random.pick(["v", "value", "hello world", "foo", "x y", "OK", "\r\n", "ключ"]))
        }
    }

    private mutating func byte() -> UInt8 {
        UInt8.random(in: 0...255, using: &random)
    }

    private mutating func integer() -> Bytes {
        if random.once(in: 3) { return Bytes(text: random.pick(Self.integers)) }
        return Bytes(text: String(Int.random(in: -1000...1000, using: &random)))
    }

    private mutating func time(scale: Int) -> Bytes {
        if random.once(in: 8) { return Bytes(text: random.pick(["0", "-1", "1", "x", "1.5"])) }
        return Bytes(text: String((now + random.pick([-100, 1000, 100_000, 5_000_000])) * scale))
    }

    private mutating func payload() -> Bytes {
        let good = DumpedValue.payload(ofString: Bytes(text: random.pick(["restored", "", "12345"])))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return Bytes(good.dropLast())
        case 1: return good.dropLast() + [good[good.count - 1] ^ 1]
        case 2: return []
        case 3: return DumpedValue.sealed([0, 0xC1, 0x39, 0x30])
        default: return good
        }
    }
}

extension CommandGenerator {
    fileprivate static let integers = [
        "0", "1", "-1", "9", "10", "99", "100", "127", "128", "255", "256", "9999", "10000", "32767", "32768", "65536",
        "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967296", "9223372036854775807",
        "-9223372036854775808", "9223372036854775806", "-9223372036854775807", "9223372036854775808",
    ]
    fileprivate static let floats = [
        "0", "1", "-1", "0.1", "0.5", "1.5", "-2.25", "3.0e3", "5e-3", "1e17", "1e-17", "123456789.987654321", "1e5000",
        "abc", "inf", "-inf", "nan", "", " 1", "1 ", "0x10", "100000000000000000000", "3.14159265358979",
    ]
    fileprivate static let scores = ["0", "1", "-1", "2.5", "inf", "-inf", "(1", "1e10", "3.25", "nan", "x"]
    fileprivate static let indexes = [
        "0", "1", "2", "3", "5", "7", "8", "10", "100", "-1", "-2", "-3", "-5", "-10", "-100", "2147483647",
        "-2147483648",
        "4294967296", "9223372036854775807", "-9223372036854775808", "x", "1.5", "9223372036854775808",
    ]
    fileprivate static let byteOffsets = [
        "0", "1", "2", "5", "10", "31", "32", "63", "64", "100", "1000", "-1", "536870912", "2147483647",
        "4294967296", "9223372036854775808", "x",
    ]
    fileprivate static let bitOffsets = [
        "0", "1", "7", "8", "15", "63", "64", "100", "1000", "8191", "-1", "4294967296", "9223372036854775807", "x",
        "1.5",
    ]
    /// Longitudes and latitudes of places at different distances from each other.
    fileprivate static let places = [
        ["13.361389", "38.115556"], ["15.087269", "37.502669"], ["2.349014", "48.864716"], ["-0.127758", "51.507351"],
        ["12.496366", "41.902782"], ["23.727539", "37.98381"], ["14.268124", "40.851775"], ["9.19", "45.464203"],
    ]
    fileprivate static let patterns = [
        "*", "k*", "k?", "k1*", "k[0-3]", "k[^0-3]", "[kl]*", "{tag}*", "\\k1", "k\\*", "*1", "nosuch", "", "[", "k[",
        "k[0-", "*[1-2]*", "k[3-0]", "**", "?",
    ]
}

extension SeededGenerator {
    /// One of several, of which the last `rare` ones come in one of ten picks only.
    mutating func pick(_ choices: [String], rare: Int) -> String {
        once(in: 10) ? pick(choices.suffix(rare)) : pick(choices.dropLast(rare))
    }
}
