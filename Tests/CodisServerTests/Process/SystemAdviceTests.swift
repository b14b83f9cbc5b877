import Testing

@testable import CodisServer

@Suite struct SystemAdviceTests {
    private func warnings(_ files: [String: String]) -> [String] {
        SystemAdvice.warnings(tcpBacklog: 511) { files[$0] }
    }

    @Test func aWellSetUpSystemGetsNoAdvice() {
        #expect(warnings([:]).isEmpty)
        let files = [
            "/proc/sys/net/core/somaxconn": "511\n", "/proc/sys/vm/overcommit_memory": "1\n",
            "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
        ]
        #expect(warnings(files).isEmpty)
    }

    @Test(arguments: [
        ("/proc/sys/net/core/somaxconn", "128\n", "lower value of 128"),
        ("/proc/sys/vm/overcommit_memory", "2\n", "vm.overcommit_memory=1"),
        ("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n", "Transparent Huge Pages"),
    ])
    func eachSettingIsNamed(_ file: String, _ text: String, _ expected: String) {
        let found = warnings([file: text])
        #expect(found.count == 1 && found[0].contains(expected))
    }

    @Test func theBeginningOfAFileIsRead() {
        #expect(SystemAdvice.text(of: "/proc/sys/kernel/ostype") == "Linux\n")
        #expect(SystemAdvice.text(of: "/nonexistent") == nil)
    }
}
