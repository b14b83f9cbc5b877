import Foundation
import Testing

extension IntegrationTests {
    /// Every recording of real servers, replayed: where the recorded versions disagree, either reply is right.
    @Suite(.freshServers) struct GoldenTests {
        @Test("recording", arguments: Recording.names)
        func recording(_ name: String) throws {
            let servers = try Servers.shared()
            let recording = try Recording(contentsOf: Package.recordings.appendingPathComponent(name))
            var addresses = ["source": servers.source.address]
            if recording.header.servers ?? 1 > 1 { addresses["target"] = servers.target.address }
            let quirks = try MendedQuirk.all().filter { $0.file == name }
            #expect(
                quirks.allSatisfy { quirk in
                    recording.steps.contains { $0.line == quirk.line && ($0.isChecked || quirk.instead != nil) }
                },
                "a mended quirk names a line that is no step")
            let verdict = try recording.play(on: addresses, quirks: quirks)
            if !verdict.failures.isEmpty { Issue.record("\(verdict)") }
            #expect(verdict.passed > 0, "a recording in which nothing was judged")
        }

        @Test("recordings are there")
        func recordingsExist() {
            #expect(!Recording.names.isEmpty)
        }
    }
}
