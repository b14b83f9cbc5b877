import Testing

@testable import CodisServer

/// The `redis.conf` at the package's top says what the table says.
struct SampleConfigurationTests {
    private let text: [UInt8]

    init() throws {
        let package = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        text = try SystemEnvironment { _ in true }.contents(of: "/\(package)/redis.conf")
    }

    private var lines: [String] {
        String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The lines between two empty ones, with the directives among them, whether switched on or off.
    private var blocks: [(lines: [String], directives: [String])] {
        lines.split(separator: "").map { block in
            let directives = block.compactMap { line -> String? in
                let line = line.hasPrefix("#") ? line.dropFirst() : line[...]
                return line.first?.isLetter == true ? line.split(separator: " ").first.map(String.init) : nil
            }
            return (Array(block), directives)
        }
    }

    @Test func loadsAndHoldsTheDefaults() throws {
        let environment = MemoryEnvironment()
        environment.files["redis.conf"] = String(decoding: text, as: UTF8.self)
        var configuration = Configuration()
        try configuration.load(arguments: ["redis.conf"], environment: environment)
        var expected = Configuration()
        expected.file = "/start/redis.conf"
        expected.dir = "/start"
        #expect(configuration == expected)
    }

    @Test func examplesThatAreSwitchedOffAreRightAsWell() throws {
        let examples = lines.filter { $0.hasPrefix("#") && $0.dropFirst().first?.isLetter == true }
        #expect(!examples.isEmpty)
        let environment = SystemEnvironment { ["flushall", "debug"].contains(String(decoding: $0, as: UTF8.self)) }
        for example in examples where !example.hasPrefix("#include ") {
            var configuration = Configuration()
            try configuration.load(Array(example.utf8.dropFirst()), environment: environment)
            #expect(configuration != Configuration(), "\(example)")
        }
    }

    @Test func holdsEveryDirectiveAndNoOther() {
        let expected = DirectiveTable.directives.filter(\.isReadFromFile).map(\.name) + ["include"]
        #expect(Set(blocks.flatMap(\.directives)) == Set(expected))
        for directive in DirectiveTable.directives where !directive.isReadFromFile {
            #expect(lines.contains { $0.contains("CONFIG SET \(directive.name) ") })
        }
    }

    @Test func marksWhatHasNoEffectYet() {
        let statuses = Dictionary(uniqueKeysWithValues: DirectiveTable.directives.map { ($0.name, $0.status) })
        for block in blocks {
            let marks = block.lines.filter { $0.hasPrefix("# Accepted;") }
            for name in block.directives {
                if case .accepted(let feature) = statuses[name] {
                    #expect(marks == ["# Accepted; takes effect once \(feature.rawValue) is there."], "\(name)")
                } else {
                    #expect(marks == [], "\(name)")
                }
            }
        }
    }

    @Test func saysWhatCanBeChangedAtRunTime() {
        for block in blocks {
            let prose = block.lines.filter { $0.hasPrefix("# ") }.joined(separator: " ")
            for directive in DirectiveTable.directives where block.directives.contains(directive.name) {
                #expect(prose.contains("At run time") == directive.isSettable, "\(directive.name)")
            }
        }
    }
}
