import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Payloads with a right checksum and anything as their content.
struct ValuePayloadFuzzTests {
    private static let seeds: [[UInt8]] = [
        [0x00, 0x03, 0x62, 0x61, 0x72],
        [0x00, 0xc0, 0x01],
        [0x00, 0xc2, 0x01, 0x02, 0x03, 0x04],
        [0x00, 0x40, 0x05, 0x31, 0x32, 0x33, 0x34, 0x35],
        [0x00, 0x80, 0x00, 0x00, 0x00, 0x02, 0x61, 0x62],
        [0x00, 0xc3, 0x05, 0x0d, 0x00, 0x61, 0xe0, 0x03, 0x00],
        content(of: "abcabcabcabcabcabcabcabcabcabcabcdabcdabcdabcd"),
        content(of: String(repeating: "0123456789", count: 40)),
    ]

    private static func content(of text: String) -> [UInt8] { Array(Payload.written([UInt8](text)).dropLast(10)) }

    @Test func mutatedContent() {
        var random = SeededGenerator(for: "ValuePayloadFuzzTests.mutated")
        var accepted = 0
        for round in 0..<100_000 {
            var content = Self.seeds[round % Self.seeds.count]
            for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&content, &random) }
            guard let isAccepted = isDecodedOrRefused(content) else {
                return fail("seed \(random.seed), round \(round): \(content)")
            }
            if isAccepted { accepted += 1 }
        }
        #expect(accepted > 1000 && accepted < 99_000, "the mutations reach both ends")
    }

    @Test func everyByteOfEverySeed() {
        for seed in Self.seeds where seed.count < 60 {
            for index in seed.indices {
                for byte in UInt8.min...UInt8.max {
                    var content = seed
                    content[index] = byte
                    if isDecodedOrRefused(content) == nil { return fail("\(content)") }
                }
                if isDecodedOrRefused(Array(seed[..<index])) == nil { return fail("\(seed) cut at \(index)") }
            }
        }
    }

    /// Whether a content with a right checksum is taken; what is taken must survive being written and read again.
    /// Nothing when it does not, or when it is refused for another reason than its format.
    private func isDecodedOrRefused(_ content: [UInt8]) -> Bool? {
        switch Payload.decoded(Payload.sealed(content)) {
        case .success(let string):
            Payload.decoded(Payload.written(string)) == .success(string) ? true : nil
        case .failure(let failure):
            failure == .badFormat ? false : nil
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2:
            bytes[index] = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xff].randomElement(using: &random) ?? 0
        case 3: bytes.remove(at: index)
        case 4: bytes.insert(.random(in: 0...255, using: &random), at: index)
        default: bytes.removeLast(Int.random(in: 0...min(3, bytes.count), using: &random))
        }
    }
}
