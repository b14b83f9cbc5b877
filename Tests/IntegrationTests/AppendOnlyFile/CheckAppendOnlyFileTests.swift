import Foundation
import Testing

extension IntegrationTests.AppendOnlyFileTests {
    /// `check-aof`: what it says of files, and how it repairs them.
    @Suite struct CheckTests {
        /// Runs the tool on a file, and gives what it printed and what the file is afterwards.
        private func check(
            _ file: Bytes, _ options: [String] = [], answer: String = "", named name: String? = nil
        ) throws -> (end: Program.End, file: Bytes) {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "codis-test-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let path = folder.appendingPathComponent("appendonly.aof")
            try Data(file).write(to: path)
            var executable: String?
            if let name {
                executable = folder.appendingPathComponent(name).path
                try FileManager.default.createSymbolicLink(
                    atPath: executable ?? "", withDestinationPath: Package.serverExecutable())
            }
            let arguments = (name == nil ? ["check-aof"] : []) + options + [path.path]
            let end = try Program(arguments, executable: executable, input: answer).end()
            return (end, Bytes(try Data(contentsOf: path)))
        }

        @Test("a sound file, by either name of the tool", arguments: [nil, "redis-check-aof"])
        func soundFile(_ name: String?) throws {
            let (file, _) = RecordedFiles.smallFile
            let (end, after) = try check(file, named: name)
            #expect(end.exited && end.status == 0)
            #expect(end.output == "AOF analyzed: size=\(file.count), ok_up_to=\(file.count), diff=0\nAOF is valid\n")
            #expect(after == file)
        }

        @Test("a file with an RDB file at its front")
        func preamble() throws {
            let file = try RecordedFiles.parts(of: "rewritten-preamble")
            #expect(try check(file).end.status == 0)
            var damaged = file
            damaged[100] ^= 1
            let end = try check(damaged).end
            #expect(end.status == 1)
            #expect(end.output.contains("ok_up_to=0"), "\(end.output)")
        }

        @Test("a file cut at any byte is repaired up to its last whole command")
        func truncation() throws {
            let (file, ends) = RecordedFiles.smallFile
            // Every seventh byte, and all around the transaction: a process for each takes its time.
            let transaction = (ends[5].offset - 3)...(ends[6].offset + 3)
            for length in file.indices where length % 7 == 0 || transaction.contains(length) {
                let whole = try #require(ends.last { $0.offset <= length }).offset
                let (end, after) = try check(Bytes(file.prefix(length)), ["--fix"], answer: "y\n")
                #expect(
                    end.output.contains("size=\(length), ok_up_to=\(whole), diff=\(length - whole)"), "\(end.output)")
                #expect(end.exited && end.status == 0)
                #expect(after == Bytes(file.prefix(whole)))
            }
        }

        @Test("nothing is repaired without being asked for, twice")
        func consent() throws {
            let file = Bytes(RecordedFiles.smallFile.bytes.dropLast(3))
            let checked = try check(file)
            #expect(checked.end.status == 1 && checked.file == file)
            #expect(checked.end.output.hasSuffix("AOF is not valid. Use the --fix option to try fixing it.\n"))
            for answer in ["n\n", "", "yes please\n"] {
                let (end, after) = try check(file, ["--fix"], answer: answer)
                #expect(end.status == 1 && after == file)
                #expect(end.output.hasSuffix("Continue? [y/N]: Aborting...\n"), "\(end.output)")
            }
        }

        @Test("what is wrong is told with its place")
        func complaints() throws {
            let file = command("SET", "a", "1") + Bytes(text: "*1\r\n$4\r\nPINGS\r\n") + command("SET", "b", "2")
            let (end, _) = try check(file)
            #expect(end.output.contains("At offset \(27 + 12): no line end behind an argument"), "\(end.output)")
        }

        @Test("a file that is not there, and no file at all")
        func missingFile() throws {
            let missing = try Program(["check-aof", "/nonexistent/appendonly.aof"]).end()
            #expect(missing.status == 1)
            #expect(missing.output == "Cannot open file /nonexistent/appendonly.aof: No such file or directory\n")
            let folder = try Program(["check-aof", "/"]).end()
            #expect(folder.status == 1)
            let none = try Program(["check-aof"]).end()
            #expect(none.status != 0 && none.output.contains("USAGE: check-aof"), "\(none.output)")
        }
    }
}
