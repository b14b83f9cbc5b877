import Testing

@testable import CodisServer
import TestSupport

struct ConfigurationArgumentsTests {
    private func load(
        _ arguments: String..., in environment: MemoryEnvironment = MemoryEnvironment()
    ) throws(ConfigurationFileError) -> Configuration {
        var configuration = Configuration()
        try configuration.load(arguments: arguments, environment: environment)
        return configuration
    }

    @Test func noArgumentsAreTheDefaults() throws {
        var expected = Configuration()
        expected.dir = "/start"
        #expect(try load() == expected)
    }

    @Test func anyArgumentRemovesTheBuiltInSavePoints() throws {
        #expect(try load("--port", "7777").save.isEmpty)
    }

    @Test func optionsTakeValuesUpToTheNext() throws {
        let configuration = try load(
            "--port", "7777", "--slaveof", "host", "6379", "--requirepass", "two \"words", "--bind", "-1", "--save", "")
        #expect(configuration.port == 7777)
        #expect(configuration.slaveof == MasterAddress(host: "host", port: 6379))
        #expect(configuration.requirepass == Array("two \"words".utf8))
        #expect(configuration.bind == ["-1"])
        #expect(configuration.file == nil)
    }

    @Test func optionsWinOverTheFile() throws {
        let environment = MemoryEnvironment(files: ["redis.conf": "port 1\ndir /data\ntimeout 9"])
        let configuration = try load("redis.conf", "--port", "2", in: environment)
        #expect(configuration.port == 2)
        #expect(configuration.timeout == 9)
        #expect(configuration.dir == "/data")
        #expect(configuration.file == "/start/redis.conf")
        #expect(environment.directory == "/data")
    }

    @Test func aDashReadsStandardInput() throws {
        let environment = MemoryEnvironment()
        environment.standardInput = "port 5"
        let configuration = try load("-", "--timeout", "7", in: environment)
        #expect(configuration.port == 5)
        #expect(configuration.timeout == 7)
        #expect(configuration.file == nil)
    }

    @Test func optionsCountAsLinesAfterTheFile() {
        let environment = MemoryEnvironment(files: ["/etc/redis.conf": "port 1\n"])
        #expect(
            throws: ConfigurationFileError.line(
                number: 4, text: Array(#"timeout "x""#.utf8), file: nil, message: "Invalid timeout value")
        ) {
            try load("/etc/redis.conf", "--port", "2", "--timeout", "x", in: environment)
        }
    }

    @Test func withoutAFileOptionsBeginAtLineTwo() {
        #expect(
            throws: ConfigurationFileError.line(
                number: 2, text: Array(#"port "x""#.utf8), file: nil, message: "Invalid port")
        ) {
            try load("--port", "x")
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: ConfigurationFileError.unreadable(file: "no.conf", reason: "No such file or directory")) {
            try load("no.conf")
        }
    }
}
