import Memory
import Testing

@testable import CodisServer

struct SHA1Tests {
    /// The examples of FIPS 180, and Redis' name for the script `return 1`.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        ("return 1", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"),
    ])
    func digests(text: String, hexadecimal: String) {
        let hash = SHA1()
        // Twice: what one digest leaves behind must not change the next.
        for _ in 0..<2 {
            let digest = hash.digest(of: Array(text.utf8).bytes)
            let digits = digest.indices.map { (digest[$0] < 16 ? "0" : "") + String(digest[$0], radix: 16) }
            #expect(digits.joined() == hexadecimal)
        }
    }
}
