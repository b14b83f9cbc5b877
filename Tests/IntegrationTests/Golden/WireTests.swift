import Foundation
import Testing

extension IntegrationTests {
    /// Conversations between real servers: this server speaks each part as the real one did.
    @Suite(.freshServers) struct WireTests {
        @Test("as the source", arguments: WireCapture.names)
        func source(_ name: String) throws {
            let capture = try WireCapture(named: name)
            let target = try AcknowledgingTarget()
            defer { target.stop() }
            let servers = try Servers.shared()
            let names = ["TARGET_HOST": target.endpoint.host, "TARGET_PORT": String(target.endpoint.port)]
            let parts = [capture.header.before, capture.header.trigger, capture.header.after]
            let steps = parts.flatMap { capture.recording($0, toTarget: false).steps }
            let recording = Recording(name: name, header: .init(passwords: capture.header.passwords), steps: steps)
            let verdict = try recording.play(on: ["source": servers.source.address], names: names)
            if !verdict.failures.isEmpty { Issue.record("\(verdict)") }
            // Everything that was sent was acknowledged before the migration had its reply.
            let differences = try RestoreStream(capture.commands).differences(RestoreStream(target.commands))
            #expect(differences.isEmpty)
        }

        @Test("as the target", arguments: WireCapture.names)
        func target(_ name: String) throws {
            let capture = try WireCapture(named: name)
            let servers = try Servers.shared()
            let address = ["target": servers.target.address]
            let before = capture.recording(capture.header.before, toTarget: true)
            let after = capture.recording(capture.header.after, toTarget: true)
            let verdict = try before.play(on: address) {
                let connection = try servers.target.connect()
                for piece in capture.sent { try connection.send(piece) }
                for (number, expected) in capture.answers.enumerated() {
                    let answer = try connection.receive()
                    if answer != expected { Issue.record("answer \(number + 1): \(answer), where \(expected) belongs") }
                }
                connection.close()
                return after.steps
            }
            if !verdict.failures.isEmpty { Issue.record("\(verdict)") }
        }

        @Test("captures are there")
        func capturesExist() {
            #expect(!WireCapture.names.isEmpty)
        }
    }
}
