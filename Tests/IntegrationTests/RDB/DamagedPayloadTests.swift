import Foundation
import Testing

extension IntegrationTests.RDBTests {
    /// The payloads of `Tests/Fixtures/corrupt`, sent to RESTORE and SLOTSRESTORE.
    @Suite struct DamagedPayloadTests {
        private struct Payload: Decodable {
            let name: String
            let expect: String
            let payload: String

            static func all() throws -> [Payload] {
                let url = Package.root.appendingPathComponent("Tests/Fixtures/corrupt/payloads.jsonl")
                return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
                    try JSONDecoder().decode(Payload.self, from: Data($0.utf8))
                }
            }
        }

        @Test("payloads are taken or refused, as they deserve", arguments: ["RESTORE", "SLOTSRESTORE"])
        func payloads(_ command: String) throws {
            try withServer { server in
                let connection = try server.connect()
                for payload in try Payload.all() {
                    let bytes = try ByteForm.decodeBase64(payload.payload)
                    let reply = try connection.call(command, payload.name, 0, bytes)
                    switch payload.expect {
                    case "restore": #expect(reply == .ok, "\(payload.name)")
                    case "error": #expect(reply.errorText != nil, "\(payload.name)")
                    default: #expect(reply == .ok || reply.errorText != nil, "\(payload.name)")
                    }
                    #expect(try connection.call("EXISTS", payload.name) == .integer(reply == .ok ? 1 : 0))
                    if reply == .ok {
                        #expect(try connection.call("DUMP", payload.name).bytes != nil, "\(payload.name)")
                    } else {
                        // The place is in the log.
                        let line = "The payload for key '\(payload.name)' is refused, at byte "
                        #expect(server.log.contains(line), "\(payload.name)")
                    }
                }
            }
        }
    }
}
