import ArgumentParser
import CodisServer

/// `codis-server check-aof [--fix] FILE`, also as `redis-check-aof`.
struct CheckAppendOnlyFile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-aof",
        abstract: "Tells whether an append-only file can be read, and where it cannot.",
        discussion: """
            The exit status is 0 for a file in order. --fix cuts off everything from the first damage on, after asking; \
            make a copy of the file before.
            """)

    @Flag(help: "Cut off what cannot be read, after asking.")
    var fix = false

    @Argument(help: "The append-only file.")
    var file: String

    func run() throws {
        do {
            try check()
        } catch let failure as AppendOnlyFileCheck.Failure {
            print(failure.description)
            throw ExitCode.failure
        }
    }

    private func check() throws {
        var bar = ProgressBar(file: file)
        let result = try AppendOnlyFileCheck(path: file) { bar.update(to: $0) }
        bar.finish()
        let difference = result.size - result.soundLength
        print("AOF analyzed: size=\(result.size), ok_up_to=\(result.soundLength), diff=\(difference)")
        guard let problem = result.problem else { return print("AOF is valid") }
        print("At offset \(problem.offset): \(problem.description)")
        guard fix else {
            print("AOF is not valid. Use the --fix option to try fixing it.")
            throw ExitCode.failure
        }
        print(
            "This will shrink the AOF from \(result.size) bytes, with \(difference) bytes, to \(result.soundLength) bytes"
        )
        print("Continue? [y/N]: ", terminator: "")
        guard readLine()?.lowercased() == "y" else {
            print("Aborting...")
            throw ExitCode.failure
        }
        try result.repair(path: file)
        print("Successfully truncated AOF")
    }
}
