import Glibc
import Logging
import Testing

@testable import CodisServer

struct ServerLogHandlerTests {
    /// Logs into a file of its own, and returns the lines without process id and time.
    private func logged(
        at level: LogLevel = .debug, _ body: (_ logger: inout Logger, _ threshold: LogThreshold, _ path: String) -> Void
    ) throws -> [String] {
        let path = "/tmp/codis-log-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { unsafe remove(path) }
        let threshold = LogThreshold(level)
        var logger = Logger(label: "test") { _ in
            ServerLogHandler(threshold: threshold, destination: .file(path: path))
        }
        body(&logger, threshold, path)
        let text = try SystemEnvironment { _ in false }.contents(of: path)
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        return try lines.map { line in
            let format = #/\[(\d+)\] \d\d (?:[A-Z][a-z]{2}) \d\d:\d\d:\d\d\.\d{3} (.*)/#
            let match = try #require(try format.wholeMatch(in: line))
            #expect(match.1 == String(getpid()))
            return String(match.2)
        }
    }

    @Test func linesHaveRedisFormat() {
        let line = LogLine(
            process: 42, time: LogTime(day: 7, month: 10, hour: 1, minute: 2, second: 3, millisecond: 4),
            level: .notice, message: "Server started")
        #expect(line.description == "[42] 07 Nov 01:02:03.004 * Server started\n")
    }

    @Test func sevenLevelsBecomeFour() throws {
        let lines = try logged { logger, _, _ in
            for level in Logger.Level.allCases { logger.log(level: level, "\(level)") }
        }
        #expect(lines == [". trace", ". debug", "- info", "* notice", "# warning", "# error", "# critical"])
    }

    @Test(arguments: zip(LogLevel.allCases, [7, 5, 4, 3]))
    func theThresholdHolds(level: LogLevel, count: Int) throws {
        let lines = try logged(at: level) { logger, _, _ in
            logger.critical("always")
            for level in Logger.Level.allCases.dropLast() { logger.log(level: level, "x") }
        }
        #expect(lines.count == count)
    }

    @Test func theThresholdMovesWhileTheServerRuns() throws {
        let lines = try logged(at: .warning) { logger, threshold, _ in
            logger.notice("before")
            threshold.level = .notice
            logger.notice("after")
        }
        #expect(lines == ["* after"])
    }

    @Test func aMessageBelowTheThresholdIsNotFormatted() throws {
        var formatted = 0
        func message() -> String {
            formatted += 1
            return "x"
        }
        let lines = try logged(at: .notice) { logger, _, _ in
            logger.info("\(message())")
            logger.notice("\(message())")
        }
        #expect(lines == ["* x"])
        #expect(formatted == 1)
    }

    @Test func aLoggerMayHaveALevelOfItsOwn() throws {
        let lines = try logged(at: .warning) { logger, _, _ in
            var own = logger
            own.logLevel = .debug
            own.debug("own")
            logger.debug("shared")
        }
        #expect(lines == [". own"])
    }

    @Test func metadataFollowsTheMessage() throws {
        let lines = try logged { logger, _, _ in
            logger[metadataKey: "b"] = "1"
            logger[metadataKey: "c"] = "2"
            logger.notice("moved", metadata: ["a": "0", "b": "3"])
        }
        #expect(lines == ["* moved a=0 b=3 c=2"])
    }

    @Test func aRotatedFileBeginsAnew() throws {
        let lines = try logged { logger, _, path in
            logger.notice("old")
            unsafe remove(path)
            logger.notice("new")
        }
        #expect(lines == ["* new"])
    }

    @Test func relativeLogfilesBeginInTheDirectory() {
        #expect(LogDestination(logfile: "", directory: "/data") == .standardOutput)
        #expect(LogDestination(logfile: "a.log", directory: "/data") == .file(path: "/data/a.log"))
        #expect(LogDestination(logfile: "/b.log", directory: "/data") == .file(path: "/b.log"))
    }
}
