import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// The program: its arguments, what it prints, how it ends.
    @Suite struct ProcessTests {
        private func setting(_ name: String, at port: Int) throws -> String? {
            let reply = try Connection(to: .tcp(host: "127.0.0.1", port: port)).call("CONFIG", "GET", name)
            return reply.items?.last?.bytes?.latin1
        }

        @Test("SIGTERM and SIGINT end it with status 0", arguments: [SIGTERM, SIGINT])
        func signals(_ signal: CInt) throws {
            let port = try Program.freePort()
            let program = try Program(["--port", String(port), "--save", ""])
            try program.waitUntilAnswering(.tcp(host: "127.0.0.1", port: port))
            let idle = try Connection(to: .tcp(host: "127.0.0.1", port: port))
            #expect(try idle.call("SET", "key", "value") == .ok)
            // In the middle of a request.
            let busy = try Connection(to: .tcp(host: "127.0.0.1", port: port))
            try busy.send(Bytes(text: "*2\r\n$3\r\nGET\r\n$100\r\n"))
            program.signal(signal)
            let end = try program.end()
            #expect(end.exited && end.status == 0, "\(end.output)")
            #expect(try idle.isClosed())
        }

        @Test("SHUTDOWN ends it with status 0", arguments: [["SHUTDOWN"], ["SHUTDOWN", "NOSAVE"]])
        func shutdown(_ words: [String]) throws {
            let port = try Program.freePort()
            let program = try Program(["--port", String(port), "--save", ""])
            try program.waitUntilAnswering(.tcp(host: "127.0.0.1", port: port))
            let connection = try Connection(to: .tcp(host: "127.0.0.1", port: port))
            try connection.send(encodeCommand(words.map(\.argumentBytes)))
            #expect(try connection.isClosed(within: .seconds(10)))
            let end = try program.end()
            #expect(end.exited && end.status == 0, "\(end.output)")
        }

        @Test("directives as options")
        func options() throws {
            let port = try Program.freePort()
            let program = try Program(["--port", String(port), "--maxclients", "5"])
            try program.waitUntilAnswering(.tcp(host: "127.0.0.1", port: port))
            #expect(try setting("maxclients", at: port) == "5")
        }

        @Test("a configuration file, its include, and options that win over it")
        func configurationFile() throws {
            let port = try Program.freePort()
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let included = folder.appendingPathComponent("common.conf")
            try "timeout 77\nmaxclients 8\n".write(to: included, atomically: true, encoding: .utf8)
            let file = folder.appendingPathComponent("server.conf")
            try """
            # a comment
            port 1
              MaxClients   "6"

            include \(included.path)
            maxmemory 3mb
            slowlog-max-len 9
            """.write(to: file, atomically: true, encoding: .utf8)
            let program = try Program([file.path, "--port", String(port), "--slowlog-max-len", "10"])
            try program.waitUntilAnswering(.tcp(host: "127.0.0.1", port: port))
            let expected = ["timeout": "77", "maxclients": "8", "maxmemory": "3145728", "slowlog-max-len": "10"]
            for (name, value) in expected { #expect(try setting(name, at: port) == value, "\(name)") }
        }

        @Test("configuration from standard input")
        func standardInput() throws {
            let port = try Program.freePort()
            let program = try Program(["-", "--maxclients", "7"], input: "port \(port)\nmaxclients 9\ntimeout 11\n")
            try program.waitUntilAnswering(.tcp(host: "127.0.0.1", port: port))
            #expect(try setting("maxclients", at: port) == "7")
            #expect(try setting("timeout", at: port) == "11")
        }

        @Test(
            "a wrong directive is refused as Redis refuses it",
            arguments: [
                "port 0\nnosuch 1\n", "port\n", "maxclients 1 2 3\n", "\n\n# comment\n  port 70000\n", "timeout -1\n",
                "maxmemory-policy sometimes\n", "appendonly maybe\n", "save a b\n", "databases 0\n",
                "maxclients \"1\n", "tcp-keepalive -1\n", "maxclients 0\n",
                "hash-max-ziplist-entries\n", "NoSuch\n",
            ])
        func wrongDirective(_ text: String) throws {
            let ours = try Program(["-"], input: text).end()
            let model = try Program(["-"], executable: Peer.redis2_8.executable(), input: text).end()
            #expect(ours.exited && ours.status == 1)
            #expect(model.exited && model.status == 1)
            #expect(ours.output == model.output)
        }

        @Test("a wrong option, and a file that is not there")
        func wrongArguments() throws {
            for arguments in [["--port", "0", "--nosuch", "1"], ["--maxclients", "none"]] {
                let ours = try Program(arguments).end()
                let model = try Program(arguments, executable: Peer.redis2_8.executable()).end()
                #expect(ours.exited && ours.status == 1)
                #expect(ours.output == model.output)
            }
            let missing = try Program(["/nonexistent/server.conf"]).end()
            #expect(missing.exited && missing.status == 1)
            #expect(missing.output.contains("can't open config file '/nonexistent/server.conf'"), "\(missing.output)")
        }

        @Test("version", arguments: ["--version", "-v"])
        func version(_ option: String) throws {
            let end = try Program([option]).end()
            #expect(end.exited && end.status == 0)
            #expect(end.output.contains(try Regex("v=[0-9]+\\.[0-9]+\\.[0-9]+")), "\(end.output)")
            #expect(end.output.split(separator: "\n").count == 1)
        }

        @Test("help", arguments: ["--help", "-h"])
        func help(_ option: String) throws {
            let end = try Program([option]).end()
            #expect(end.exited && end.status == 0)
            for part in ["USAGE:", "redis.conf", "--version", "--help", "--port"] {
                #expect(end.output.contains(part), "\(part) is missing in \(end.output)")
            }
        }
    }
}
