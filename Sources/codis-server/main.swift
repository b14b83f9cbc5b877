import ArgumentParser
import CodisServer

/// `codis-server [FILE|-] [--directive value ...]`, as `redis-server` takes it.
///
/// The options of the program itself are understood only as the first argument, as in Redis; everything else is the
/// server's configuration and goes to it as it is.
struct CodisServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codis-server",
        abstract: "A Redis-compatible storage server whose keys lie in slots, for use behind Codis proxies.",
        usage: """
            codis-server [FILE] [--directive value ...]
            codis-server - [--directive value ...]
            codis-server --version | --help
            codis-server check-aof [--fix] FILE
            codis-server check-rdb [--fix] FILE
            codis-server slots --from HOST:PORT --to HOST:PORT [--slots A-B] [--db N] [--rate KEYS/S] [--verify]
            """,
        discussion: """
            FILE is a configuration file; "-" reads the configuration from standard input. Each directive of the file \
            can be given as an option, too, and wins over the file:

              codis-server
              codis-server /etc/codis/redis.conf
              codis-server --port 7777 --maxmemory 2gb
              codis-server /etc/codis/redis.conf --loglevel verbose
            """)

    @Flag(name: [.short, .long], help: "Print the version and exit.")
    var version = false

    @Flag(name: .customLong("test-memory"), help: .hidden)
    var testMemory = false

    @Argument(parsing: .postTerminator, help: .hidden)
    var configuration: [String] = []

    func run() throws {
        if version { return print(CodisServerProcess.version) }
        if testMemory {
            throw ValidationError("codis-server has no memory test; memtester or memtest86+ do it better.")
        }
        let status = CodisServerProcess.run(arguments: configuration)
        if status != 0 { throw ExitCode(status) }
    }
}

/// The tools that are part of the program, by the argument that asks for them and the names of links to the program.
let tools: [(argument: String, linkNames: [String], command: any ParsableCommand.Type)] = [
    ("check-aof", ["redis-check-aof"], CheckAppendOnlyFile.self),
    ("check-rdb", ["redis-check-rdb", "redis-check-dump"], CheckRDB.self),
    ("slots", [], MoveSlots.self),
]

let arguments = Array(CommandLine.arguments.dropFirst())
let programName = CommandLine.arguments.first.map { String($0.split(separator: "/").last ?? "") }
let ownOptions = ["-v", "--version", "-h", "--help", "--test-memory"]
if let tool = tools.first(where: { $0.linkNames.contains(programName ?? "") }) {
    tool.command.main(arguments)
} else if let tool = tools.first(where: { $0.argument == arguments.first }) {
    tool.command.main(Array(arguments.dropFirst()))
} else if let first = arguments.first, ownOptions.contains(first) {
    CodisServerCommand.main([first])
} else {
    // Behind "--" the parser takes nothing for an option of its own.
    CodisServerCommand.main(["--"] + arguments)
}
