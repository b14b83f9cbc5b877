import Testing

@testable import CodisServer

@Suite struct ServiceManagerTests {
    private func manager(_ supervision: Supervision, _ environment: [String: String]) -> ServiceManager? {
        ServiceManager(supervision) { environment[$0] }
    }

    @Test func theOneThatStartedTheServerIsFound() {
        let systemd = ["NOTIFY_SOCKET": "/run/notify"]
        let upstart = ["UPSTART_JOB": "codis"]
        #expect(manager(.no, systemd) == nil)
        #expect(manager(.systemd, systemd) == .systemd(socket: "/run/notify"))
        #expect(manager(.systemd, upstart) == nil)
        #expect(manager(.upstart, upstart) == .upstart)
        #expect(manager(.auto, systemd) == .systemd(socket: "/run/notify"))
        #expect(manager(.auto, upstart) == .upstart)
        #expect(manager(.auto, [:]) == nil)
    }

    @Test(arguments: ["", "relative", "/" + String(repeating: "x", count: 200)])
    func anAddressThatIsNoneIsAnError(_ path: String) {
        #expect(throws: SystemError.self) { try ServiceManager.systemd(socket: path).tellReady() }
    }
}
