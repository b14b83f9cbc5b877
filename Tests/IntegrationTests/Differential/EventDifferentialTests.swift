import Foundation
import Testing

extension IntegrationTests.DifferentialTests {
    /// Random commands to the server under test and to a real Redis 2.8.17: the same keyspace events in the same order,
    /// and the same watched keys are touched.
    @Test("random commands, seen by others")
    func events() throws {
        let run = DifferentialRun(commands: 4_000, share: 10)
        let directives: KeyValuePairs<String, [String]> = ["notify-keyspace-events": ["KEA"]]
        try run.compare(
            ours: .start(directives), theirs: .start(.redis2_8, directives), observing: true)
    }
}
