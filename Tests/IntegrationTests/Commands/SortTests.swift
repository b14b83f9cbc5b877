import Foundation
import Testing
import TestSupport

extension IntegrationTests.CommandTests {
    /// SORT beside Redis 2.8.17 and 3.2.6.
    @Suite(.freshServers) struct SortTests {
        @Test("random collections, weights and options", arguments: [Peer.redis2_8, .redis3_2], [1, 2, 3] as [UInt64])
        func randomSorts(peer: Peer, seed: UInt64) throws {
            let model = try ServerProcess.start(peer)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            var random = SeededGenerator(seed: seed)
            for round in 0..<10 {
                let commands = Self.data(&random) + (0..<120).map { _ in Self.sort(&random, peer) }
                for connection in pair { try connection.call("FLUSHALL") }
                for command in commands {
                    let replies = try pair.map { try $0.call(command) }
                    #expect(replies[0] == replies[1], "round \(round): \(DifferentialStep.command(command))")
                    if replies[0] != replies[1] { return }
                    let stored = try pair.map { try $0.call("LRANGE", "stored", 0, -1) }
                    #expect(stored[0] == stored[1], "round \(round): \(DifferentialStep.command(command))")
                    if stored[0] != stored[1] { return }
                }
            }
            try model.stop()
        }

        /// Collections of numbers and of words, and what their elements lead to.
        private static func data(_ random: inout SeededGenerator) -> [[Bytes]] {
            let numbers = ["1", "2", "3", "10", "-5", "2.5", "1e3", "0x10", " 7", "", "inf", "03"]
            let words = ["a", "b", "B", "aa", "z", "\u{e4}", "10", "9", "x y"]
            var commands: [[String]] = []
            for (name, elements) in [("numbers", numbers), ("words", words)] {
                for element in elements.shuffled(using: &random).prefix(Int.random(in: 0...12, using: &random)) {
                    commands.append(["RPUSH", "list:\(name)", element])
                    commands.append(["SADD", "set:\(name)", element])
                    commands.append(["ZADD", "zset:\(name)", "\(Int.random(in: 0..<5, using: &random))", element])
                }
                for (index, element) in elements.enumerated() {
                    if !random.once(in: 5) {
                        commands.append(["SET", "weight_\(element)", "\(Int.random(in: -3...3, using: &random))"])
                    }
                    // No two alike, since nothing says which comes first then; some elements are in both.
                    let number = name == "words" ? numbers.count + index : index
                    commands.append(["SET", "text_\(element)", "\(random.pick(["x", "Y", "z"]))\(number)"])
                    commands.append(["HMSET", "hash_\(element)", "f", "\(index * 7 % 5)", "other->f", "v\(index)"])
                }
            }
            commands.append(["RPUSH", "list:numbers", "4", "4"])
            for number in ["12", "7", "100", "4"] {
                commands += [["SADD", "set:integers", number], ["SET", "text_\(number)", "t\(number)"]]
            }
            return commands.map { $0.map { Bytes(text: $0) } }
        }

        private static func sort(_ random: inout SeededGenerator, _ peer: Peer) -> [Bytes] {
            let collection = random.pick([
                "list:numbers", "list:words", "set:numbers", "set:words", "zset:numbers", "zset:words", "set:integers",
                "nosuch", "weight_1",
            ])
            var words = ["SORT", collection]
            // A table has no order of its own. That of a list is reversed by DESC, and stored, since Redis 3.
            let isTable = collection == "set:numbers" || collection == "set:words"
            let mayLeaveOrder = !(isTable || peer == .redis3_2 && collection.hasPrefix("list"))
            let patterns = ["weight_*", "hash_*->f", "nosort", "nosuch_*", "text_*"].dropLast(isTable ? 1 : 0)
            let by = random.once(in: 2) ? random.pick(patterns) : nil
            let isStored = random.once(in: 3)
            if let by, by != "nosort" || mayLeaveOrder || isTable && isStored { words += ["BY", by] }
            if by == nil ? random.once(in: 2) : by == "text_*" { words.append("alpha") }
            if random.once(in: 2) { words.append(random.pick(["ASC", "desc"])) }
            if random.once(in: 2) {
                words += [
                    "LIMIT", random.pick(["0", "1", "3", "-1", "50"]), random.pick(["0", "1", "4", "-1", "100"]),
                ]
            }
            for _ in 0..<random.pick([0, 0, 1, 3]) {
                words += ["GET", random.pick(["#", "weight_*", "hash_*->f", "hash_*->other->f", "hash_*->", "fixed"])]
            }
            if isStored { words += ["STORE", "stored"] }
            if random.once(in: 20) { words.append(random.pick(["LIMIT", "BY", "x", "STORE"])) }
            return words.map { Bytes(text: $0) }
        }

        @Test("what is odd is answered as in Redis")
        func oddities() throws {
            let text = """
                a> RPUSH l 3 1 2
                a> SORT l LIMIT 0 x
                a> SORT l LIMIT 0
                a> SORT l GET
                a> SORT l BY
                a> SORT l STORE
                a> SORT l WHAT
                a> SORT nosuch WHAT
                a> SORT
                a> HSET h f v
                a> SORT h
                a> SORT h WHAT
                a> SET s v
                a> SORT s
                a> SORT nosuch
                a> SORT nosuch STORE s
                a> EXISTS s
                a> SORT l STORE l
                a> LRANGE l 0 -1
                a> RPUSH m 1 a 2
                a> SORT m
                a> SORT m STORE l
                a> LRANGE l 0 -1
                a> SORT m ALPHA DESC ASC
                a> SORT m BY nosort GET # GET nosuch* STORE l
                a> LRANGE l 0 -1
                a> SORT m BY w* BY nosort DESC
                a> SORT m BY nosort BY w* DESC
                a> ZADD z 1 c 2 a 3 b
                a> SORT z BY nosort
                a> SORT z BY nosort DESC
                a> SORT z BY nosort DESC LIMIT 0 1
                a> SORT z BY nosort ASC LIMIT 1 5 STORE l
                a> LRANGE l 0 -1
                a> SORT z BY nosort LIMIT 7 5
                a> EXPIRE l 1000
                a> SORT z ALPHA STORE l
                a> TTL l
                """
            try Dialogue(text.replacingOccurrences(of: "> ", with: " ")).expectSame()
        }

        @Test("text is ordered by the language of the environment, what is stored by its bytes")
        func collation() throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("locale-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let localedef = Process()
            localedef.executableURL = URL(fileURLWithPath: "/usr/bin/localedef")
            localedef.arguments = ["-i", "de_DE", "-f", "UTF-8", folder.appendingPathComponent("de_DE.UTF-8").path]
            try localedef.run()
            localedef.waitUntilExit()
            try #require(localedef.terminationStatus == 0, "Debian's package locales is needed")
            let environment = ["LOCPATH": folder.path, "LC_ALL": "de_DE.UTF-8"]
            let ours = try ServerProcess.start(environment: environment)
            let model = try ServerProcess.start(.redis2_8, environment: environment)
            let pair = [try ours.connect(), try model.connect()]
            for connection in pair {
                for word in ["zebra", "apfel", "\u{c4}pfel", "Zoo", "apfel-mus", "apfelmus", "", "B\u{e4}r", "Bar"] {
                    try connection.call("RPUSH", "l", word)
                    try connection.call("SET", "w_\(word)", word.lowercased())
                }
            }
            let byBytes = try pair[0].call("SORT", "l", "ALPHA", "STORE", "stored")
            #expect(try pair[1].call("SORT", "l", "ALPHA", "STORE", "stored") == byBytes)
            for words in [
                ["SORT", "l", "ALPHA"], ["SORT", "l", "ALPHA", "BY", "w_*", "DESC"], ["LRANGE", "stored", "0", "-1"],
            ] {
                let replies = try pair.map { try $0.call(words.map { Bytes(text: $0) }) }
                #expect(replies[0] == replies[1], "\(words)")
            }
            #expect(try pair[0].call("SORT", "l", "ALPHA") != pair[0].call("LRANGE", "stored", 0, -1))
            try ours.stop()
            try model.stop()
        }

        @Test("COMMAND GETKEYS finds the target")
        func keys() throws {
            let connection = try Servers.shared().source.connect()
            let keys = try connection.call("COMMAND", "GETKEYS", "SORT", "k", "BY", "store", "GET", "x", "STORE", "t")
            #expect(keys == .array([.bulk("k"), .bulk("t")]))
            #expect(try connection.call("COMMAND", "GETKEYS", "SORT", "k") == .array([.bulk("k")]))
        }
    }
}
