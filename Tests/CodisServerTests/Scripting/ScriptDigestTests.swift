import Memory
import Testing

@testable import CodisServer
import TestSupport

@Suite struct ScriptDigestTests {
    @Test func theDigestOfATextIsItsSHA1() {
        let digest = ScriptDigest(of: StaticString("return 1").bytes, SHA1())
        let text = String(decoding: digest.hexadecimal, as: UTF8.self)
        #expect(text == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }

    @Test func hexadecimalDigitsInAnyCaseAreRead() {
        let digest = ScriptDigest(of: StaticString("return 1").bytes, SHA1())
        let upper = Array("E0E1F9FABFC9D4800C877A703B823AC0578FF8DB".utf8)
        #expect(ScriptDigest(hexadecimal: upper.bytes) == digest)
        let lower = digest.hexadecimal
        #expect(ScriptDigest(hexadecimal: lower.bytes) == digest)
    }

    @Test(arguments: [
        "", "e0e1", "e0e1f9fabfc9d4800c877a703b823ac0578ff8d", "e0e1f9fabfc9d4800c877a703b823ac0578ff8dbb",
        "g0e1f9fabfc9d4800c877a703b823ac0578ff8db", "e0e1f9fabfc9d4800c877a703b823ac0578ff8d ",
    ])
    func anythingElseIsNone(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(ScriptDigest(hexadecimal: bytes.bytes) == nil)
    }
}
