import Foundation
import Testing

extension IntegrationTests.OperationTests {
    /// What is in the log after a crash, or when the loop hangs.
    @Suite struct CrashTests {
        private func log(of server: ServerProcess) -> String {
            let file = server.directory.appendingPathComponent("log")
            return String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
        }

        @Test("a crash leaves a report with the stack and the command")
        func crash() throws {
            let server = try ServerProcess.start(["logfile": ["log"]])
            let connection = try server.connect()
            try connection.send(encodeCommand(["DEBUG".argumentBytes, "SEGFAULT".argumentBytes]))
            #expect(try connection.isClosed(within: .seconds(30)))
            try waitUntil(within: .seconds(20)) { log(of: server).contains("REDIS BUG REPORT END") }
            let report = log(of: server)
            for part in ["crashed by signal: 11", "--- STACK TRACE", "codis-server(", "$8 SEGFAULT"] {
                #expect(report.contains(part), "\(part) is missing in \(report)")
            }
        }

        @Test("watchdog-period: a loop that hangs says where, one that runs says nothing")
        func watchdog() throws {
            let server = try ServerProcess.start(["logfile": ["log"]])
            let connection = try server.connect()
            try connection.call("CONFIG", "SET", "watchdog-period", "200")
            // The timer is wound up in the next tick, which may come late.
            try waitUntil(within: .seconds(30)) {
                try connection.call("DEBUG", "SLEEP", "0.5")
                return log(of: server).contains("--- WATCHDOG TIMER EXPIRED ---")
            }
            #expect(log(of: server).contains("--- STACK TRACE"))
            #expect(try connection.call("CONFIG", "SET", "watchdog-period", "0") == .ok)
            #expect(try connection.call("PING") == .status("PONG"))
        }
    }
}
