import Foundation
import Synchronization
import Testing

extension IntegrationTests.ReplicationTests {
    /// Debian's redis-sentinel watches over a master and two replicas of this server.
    @Suite struct SentinelTests {
        @Test(
            "a killed master is replaced, the others follow, and it comes back as a replica",
            arguments: [nil, "secret"])
        func failover(_ password: String?) throws {
            let nodes = try (0..<3).map { _ in try start(password) }
            for replica in nodes[1...] {
                try replica.follow(nodes[0])
                try replica.waitUntilLinked()
            }
            let sentinel = try Node(
                ServerProcess.startSentinel(
                    watching: nodes[0].port,
                    settings: [
                        "down-after-milliseconds": "1000", "failover-timeout": "20000", "parallel-syncs": "2",
                    ], password: password))
            try waitUntil(within: .seconds(30)) { try field("num-slaves", sentinel) == "2" }
            let stop = Atomic(false)
            let guide = sentinel.port
            let writer = Running { Self.write(to: guide, password, until: stop) }
            usleep(500_000)
            nodes[0].process.kill()
            let killed = ContinuousClock.now
            try waitUntil(within: .seconds(60)) { try nodes[1...].contains { try info(of: $0)["role"] == "master" } }
            print("Sentinel: a replica took over after \(ContinuousClock.now - killed)")
            let heir = try #require(try nodes[1...].first { try info(of: $0)["role"] == "master" })
            let sibling = nodes[1] === heir ? nodes[2] : nodes[1]
            try waitUntil(within: .seconds(60)) { try field("port", sentinel) == String(heir.port) }
            try waitUntil(within: .seconds(60)) { try isFollowing(heir, sibling) }
            try nodes[0].process.restart()
            try waitUntil(within: .seconds(60)) { try isFollowing(heir, nodes[0]) }
            stop.store(true, ordering: .relaxed)
            #expect(try writer.value() > 0)
            // Nobody changes the servers' parts any more.
            sentinel.process.kill()
            for node in nodes { try node.reconnect() }
            try waitUntilSame(heir, sibling, nodes[0])
            // The siblings had the same stream.
            #expect(try heir.number("sync_full", in: "stats") <= 1)
        }

        /// What a server tells of its part. Sentinel ends the connections of servers whose part it changes.
        private func info(of node: Node) throws -> [String: String] {
            for _ in 0..<100 {
                if let info = try? node.info(), !info.isEmpty { return info }
                usleep(10_000)
                try? node.reconnect()
            }
            return try node.info()
        }

        private func isFollowing(_ master: Node, _ node: Node) throws -> Bool {
            let info = try info(of: node)
            return info["master_port"] == String(master.port) && info["master_link_status"] == "up"
        }

        private func start(_ password: String?) throws -> Node {
            let secret = password.map { "requirepass \($0)\nmasterauth \($0)\n" } ?? ""
            return try Node(
                ServerProcess.start(["repl-timeout": ["5"]], files: ["redis.conf": Bytes(text: secret)]),
                password: password)
        }

        private func field(_ name: String, _ sentinel: Node) throws -> String? {
            let items = try sentinel.call("SENTINEL", "MASTER", "family").items ?? []
            guard let index = items.firstIndex(of: .bulk(name)), index + 1 < items.count else { return nil }
            return items[index + 1].bytes?.latin1
        }

        /// Writes to whom the sentinel names as the master; answers how many writes were acknowledged.
        private static func write(to sentinel: Int, _ password: String?, until stop: borrowing Atomic<Bool>) -> Int {
            var count = 0
            while !stop.load(ordering: .relaxed) {
                do {
                    let guide = try Connection(to: .tcp(host: "127.0.0.1", port: sentinel), timeout: .seconds(5))
                    let answer = try guide.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "family")
                    guard let port = answer.items?.last?.bytes.flatMap({ Int($0.latin1) }) else { continue }
                    let master = try Connection(to: .tcp(host: "127.0.0.1", port: port), timeout: .seconds(5))
                    if let password { try master.call("AUTH", password) }
                    while !stop.load(ordering: .relaxed), try master.call("INCR", "counter").integerValue != nil {
                        count += 1
                    }
                } catch {
                    usleep(10_000)
                }
            }
            return count
        }
    }
}
