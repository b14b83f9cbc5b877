import Memory
import Testing

@testable import CodisServer
import TestSupport

struct InfoTextTests {
    @Test func sectionsAreHeadedAndPartedByAnEmptyLine() {
        var text = InfoText()
        text.begin("Server")
        text.field("hz", 10)
        text.begin("CPU")
        text.field("used_cpu_sys", 1.5)
        #expect(text.text == "# Server\r\nhz:10\r\n\r\n# CPU\r\nused_cpu_sys:1.50\r\n")
    }

    /// As `bytesToHuman` of Redis 2.8 prints them.
    @Test(arguments: [
        (0, "0B"), (1023, "1023B"), (1024, "1.00K"), (877_400, "856.84K"), (1 << 20, "1.00M"), (1_610_612_736, "1.50G"),
        (5 << 40, "5120.00G"),
    ])
    func bytesWithAUnit(bytes: Int, text: String) {
        #expect(InfoText.human(bytes) == text)
    }

    /// As C's `%.2f`: ties, which a multiple of an eighth can be, go to the even digit.
    @Test(arguments: [
        (0.0, "0.00"), (0.004, "0.00"), (0.125, "0.12"), (0.375, "0.38"), (1.1, "1.10"), (9.999, "10.00"),
        (1234.5, "1234.50"),
    ])
    func twoDecimals(value: Double, text: String) {
        #expect(InfoText.twoDecimals(value) == text)
    }

    @Test func sectionsByName() {
        #expect(InfoSection.named(Array("keyspace".utf8).bytes) == [.keyspace])
        #expect(InfoSection.named(Array("CPU".utf8).bytes) == [.cpu])
        #expect(InfoSection.named(Array("All".utf8).bytes) == InfoSection.allCases)
        #expect(InfoSection.named(Array("default".utf8).bytes) == InfoSection.usual)
        #expect(!InfoSection.usual.contains(.commandTimes))
        #expect(InfoSection.named(Array("servers".utf8).bytes).isEmpty)
        #expect(InfoSection.named(Array("".utf8).bytes).isEmpty)
    }
}
