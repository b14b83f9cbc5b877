import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Files with some bytes changed, the checksum right: refused, or loaded and readable, but never the end of the process.
struct RDBFileFuzzTests {
    @Test func mutations() {
        var random = SeededGenerator(for: "RDBFileFuzzTests.mutations")
        let seed = Array(RDBFile.everything.dropLast(8))
        var loaded = 0
        for _ in 0..<rounds {
            var content = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&content, &random) }
            let file = content + Payload.littleEndian(CRC64.checksum(content.raw), 8)
            if case .success = RDBFile.contents(of: file, pieces: .random(in: 1...2000, using: &random)) { loaded += 1 }
        }
        #expect(loaded > 0 && loaded < rounds, "the mutations reach both ends; seed \(random.seed)")
    }

    /// As many as the environment says (`make fuzz` makes it 100,000).
    private let rounds = Fuzzing.rounds(or: 3000)

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2:
            bytes[index] = [0, 1, 2, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xfe, 0xff].randomElement(using: &random) ?? 0
        case 3: bytes.remove(at: index)
        case 4: bytes.insert(.random(in: 0...255, using: &random), at: index)
        default:
            // A piece of the file at another place.
            let length = Int.random(in: 1...min(20, bytes.count - index), using: &random)
            bytes.insert(contentsOf: bytes[index..<(index + length)], at: Int.random(in: bytes.indices, using: &random))
        }
    }
}
