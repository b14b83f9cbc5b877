import Foundation
import Testing

extension IntegrationTests.RDBTests {
    /// `check-rdb`: what it says of files, and what it keeps of damaged ones.
    @Suite struct CheckTests {
        /// Runs the tool on a file, and gives what it printed and what the file is afterwards.
        private func check(
            _ file: Bytes, _ options: [String] = [], answer: String = "", named name: String? = nil
        ) throws -> (end: Program.End, file: Bytes) {
            let folder = try TemporaryFolder()
            try folder.write(file, to: "dump.rdb")
            var executable: String?
            if let name {
                executable = folder.path + "/" + name
                try FileManager.default.createSymbolicLink(
                    atPath: executable ?? "", withDestinationPath: Package.serverExecutable())
            }
            let arguments = (name == nil ? ["check-rdb"] : []) + options + [folder.path + "/dump.rdb"]
            let end = try Program(arguments, executable: executable, input: answer).end()
            return (end, try folder.read("dump.rdb"))
        }

        @Test("a sound file, by every name of the tool", arguments: [nil, "redis-check-rdb", "redis-check-dump"])
        func soundFile(_ name: String?) throws {
            let (end, after) = try check(RDBFiles.small, named: name)
            #expect(end.exited && end.status == 0)
            #expect(
                end.output == """
                    RDB version 6
                    Database 0: 3 keys (list 1, string 2), 1 expire, 0 already expired
                    Database 3: 2 keys (hash 1, set 1), 0 expire, 0 already expired
                    RDB is valid

                    """)
            #expect(after == RDBFiles.small)
        }

        @Test("files of real servers", arguments: ["codis-2.8.21", "codis-3.2.11", "redis-7.0.15"])
        func filesOfRealServers(_ writer: String) throws {
            let (end, _) = try check(RDBFiles.bytes(writer, "types"))
            #expect(end.status == 0)
            #expect(
                end.output.contains(
                    "Database 0: 106 keys (hash 9, list 15, set 12, string 56, zset 14), 12 expire, 3 already expired"),
                "\(end.output)")
        }

        @Test("of a file cut at any byte, what can be read is kept")
        func truncation() throws {
            let file = RDBFiles.small
            for length in 9..<(file.count - 8) where length % 3 == 0 {
                let whole = RDBFiles.smallEnds.last { $0.offset <= length } ?? (0, 0)
                let (end, after) = try check(Bytes(file.prefix(length)), ["--fix"], answer: "y\n")
                let found = "size=\(length), ok_up_to=\(whole.offset), \(whole.keys) keys can be read"
                #expect(end.output.contains(found), "\(end.output)")
                #expect(end.exited && end.status == 0)
                #expect(Bytes(after.prefix(whole.offset)) == Bytes(file.prefix(whole.offset)))
                let again = try check(after)
                #expect(again.end.status == 0 && again.end.output.hasSuffix("RDB is valid\n"), "\(again.end.output)")
            }
        }

        @Test("what is kept of a file is read by a real server, too")
        func repairedFile() throws {
            let file = try RDBFiles.bytes("codis-2.8.21", "types")
            let (end, after) = try check(Bytes(file.prefix(file.count / 2)), ["--fix"], answer: "y\n")
            #expect(end.status == 0, "\(end.output)")
            let ours = try ServerProcess.start(files: ["dump.rdb": after])
            let theirs = try ServerProcess.start(.redis2_8, files: ["dump.rdb": after])
            #expect(try ours.digest() == theirs.digest())
        }

        @Test("nothing is changed without being asked for, twice")
        func consent() throws {
            let file = Bytes(RDBFiles.small.dropLast(12))
            let checked = try check(file)
            #expect(checked.end.status == 1 && checked.file == file)
            let hint = "RDB is not valid. Use the --fix option to keep what can be read.\n"
            #expect(checked.end.output.hasSuffix(hint), "\(checked.end.output)")
            for answer in ["n\n", "", "yes please\n"] {
                let (end, after) = try check(file, ["--fix"], answer: answer)
                #expect(end.status == 1 && after == file)
                #expect(end.output.hasSuffix("Continue? [y/N]: Aborting...\n"), "\(end.output)")
            }
        }

        @Test("what is wrong is told with its place and its key")
        func complaints() throws {
            let twice = RDBFiles.entry(2, "numbers", [2, 0xc0, 7, 0xc0, 7])
            let damaged = try check(RDBFiles.sealed([254, 5] + twice)).end
            #expect(damaged.status == 1)
            #expect(
                damaged.output.contains(
                    "RDB at byte 23, in key 'numbers' of database 5: the same member or field twice"),
                "\(damaged.output)")
            let stream = try check(RDBFiles.bytes("redis-7.0.15", "stream")).end
            #expect(
                stream.output.contains("a stream, which this server does not have") && stream.status == 1,
                "\(stream.output)")
            let other = try check(Bytes(text: "*1\r\n$4\r\nPING\r\n"), ["--fix"], answer: "y\n")
            #expect(other.end.output.contains("RDB at byte 0: not an RDB file"), "\(other.end.output)")
            #expect(other.end.output.hasSuffix("Nothing can be kept of this file.\n") && other.end.status == 1)
        }

        @Test("a file that is not there, and no file at all")
        func missingFile() throws {
            let missing = try Program(["check-rdb", "/nonexistent/dump.rdb"]).end()
            #expect(missing.status == 1)
            #expect(missing.output == "Cannot read the file /nonexistent/dump.rdb: No such file or directory\n")
            let folder = try Program(["check-rdb", "/"]).end()
            #expect(folder.status == 1)
            let none = try Program(["check-rdb"]).end()
            #expect(none.status != 0 && none.output.contains("USAGE: check-rdb"), "\(none.output)")
        }
    }
}
