import ArgumentParser
import CodisServer

/// `codis-server check-rdb [--fix] FILE`, also as `redis-check-rdb` and `redis-check-dump`.
struct CheckRDB: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-rdb",
        abstract: "Tells whether an RDB file can be read, what is in it, and where it is damaged.",
        discussion: """
            The exit status is 0 for a file in order. --fix keeps the keys before the first damage and drops everything \
            from there on, after asking; make a copy of the file before.
            """)

    @Flag(help: "Drop what cannot be read, after asking.")
    var fix = false

    @Argument(help: "The RDB file.")
    var file: String

    func run() throws {
        do {
            try check()
        } catch let failure as RDBFileCheck.Failure {
            print(failure.description)
            throw ExitCode.failure
        }
    }

    private func check() throws {
        var bar = ProgressBar(file: file)
        let result = try RDBFileCheck(path: file) { bar.update(to: $0) }
        bar.finish()
        describe(result)
        guard let problem = result.problem else {
            if result.length < result.size {
                print("[offset \(result.length)] The RDB file ends here; \(result.size - result.length) bytes follow")
            }
            return print("RDB is valid")
        }
        print("--- RDB ERROR DETECTED ---")
        print("RDB \(problem)")
        print("RDB analyzed: size=\(result.size), ok_up_to=\(result.soundLength), \(result.keys) keys can be read")
        guard fix else {
            print("RDB is not valid." + (result.isRepairable ? " Use the --fix option to keep what can be read." : ""))
            throw ExitCode.failure
        }
        try repair(result)
    }

    private func describe(_ result: RDBFileCheck) {
        if result.version > 0 { print("RDB version \(result.version)") }
        for (name, value) in result.remarks { print("AUX FIELD \(name) = '\(value)'") }
        for (number, contents) in result.databases.sorted(by: { $0.key < $1.key }) {
            let types = contents.types.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            print(
                """
                Database \(number): \(contents.keys) keys (\(types.joined(separator: ", "))), \
                \(contents.expiring) expire, \(contents.expired) already expired
                """)
        }
    }

    private func repair(_ result: RDBFileCheck) throws {
        guard result.isRepairable else {
            print("Nothing can be kept of this file.")
            throw ExitCode.failure
        }
        print(
            """
            This will keep \(result.keys) keys in the first \(result.soundLength) bytes and drop the other \
            \(result.size - result.soundLength) bytes
            """)
        print("Continue? [y/N]: ", terminator: "")
        guard readLine()?.lowercased() == "y" else {
            print("Aborting...")
            throw ExitCode.failure
        }
        try result.repair(path: file)
        print("Successfully truncated RDB")
    }
}
