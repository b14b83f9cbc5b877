import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct ValuePayloadTests {
    private static let bar6: [UInt8] = [
        0x00, 0x03, 0x62, 0x61, 0x72, 0x06, 0x00, 0x70, 0x53, 0x21, 0xe0, 0x1b, 0x33, 0xc1, 0x84,
    ]
    private static let bar7: [UInt8] = [
        0x00, 0x03, 0x62, 0x61, 0x72, 0x07, 0x00, 0x19, 0x8c, 0x9c, 0x93, 0xe6, 0xac, 0x28, 0x0d,
    ]
    private static let one6: [UInt8] = [0x00, 0xc0, 0x01, 0x06, 0x00, 0xb0, 0x95, 0x8f, 0x36, 0x24, 0x54, 0x2d, 0x6f]

    private func verification(_ payload: [UInt8]) -> ValuePayload.Failure? {
        do throws(ValuePayload.Failure) {
            try ValuePayload.verify(payload.raw)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Payloads of other servers

    @Test func payloadsOfTheSpecification() {
        #expect(Payload.decoded(Self.bar6) == .success([UInt8]("bar")))
        #expect(Payload.decoded(Self.bar7) == .success([UInt8]("bar")))
        #expect(Payload.decoded(Self.one6) == .success([UInt8]("1")))
        #expect(Payload.written([UInt8]("bar")) == Self.bar6)
        #expect(Payload.written([UInt8]("1")) == Self.one6)
    }

    /// The list 1 2 3 as codis-server 2.8 writes it: a ziplist in a string.
    @Test func theChecksumOfAForeignList() {
        let ziplist: [UInt8] = [17, 0, 0, 0, 14, 0, 0, 0, 3, 0, 0, 0xf2, 2, 0xf3, 2, 0xf4, 0xff]
        let payload = [0x0a, 0x11] + ziplist + [0x06, 0x00, 0x5a, 0x31, 0x5f, 0x1c, 0x67, 0x04, 0x21, 0x18]
        #expect(verification(payload) == nil)
    }

    // MARK: Versions and checksums

    @Test func versionsUpToSevenAreRead() {
        let content: [UInt8] = [0x00, 0x03, 0x62, 0x61, 0x72]
        for version in UInt64(0)...300 {
            let payload = Payload.sealed(content, version: version)
            let expected: Result<[UInt8], ValuePayload.Failure> =
                version <= 7 ? .success([UInt8]("bar")) : .failure(.versionOrChecksum)
            #expect(Payload.decoded(payload) == expected, "version \(version)")
        }
        #expect(verification(Payload.sealed(content, version: 0xff00)) == .versionOrChecksum)
    }

    @Test func everyOtherBitIsNoticed() {
        for payload in [Self.bar6, Self.bar7, Self.one6, Payload.written([UInt8](repeating: 0x61, count: 100))] {
            for index in payload.indices {
                for bit in 0..<8 {
                    var damaged = payload
                    damaged[index] ^= 1 << UInt8(bit)
                    if verification(damaged) != .versionOrChecksum { fail("bit \(bit) of byte \(index)") }
                    if Payload.decoded(damaged) != .failure(.versionOrChecksum) { fail("bit \(bit) of byte \(index)") }
                }
            }
        }
    }

    @Test func everyTruncationIsNoticed() {
        for payload in [Self.bar6, Self.one6, Payload.written([UInt8](repeating: 0x61, count: 100))] {
            for length in 0..<payload.count {
                #expect(Payload.decoded(Array(payload[..<length])) == .failure(.versionOrChecksum))
                // Without the zero of its type the checksum is the same: a CRC that begins with 0 does not see it.
                let failure: ValuePayload.Failure = length == payload.count - 1 ? .badFormat : .versionOrChecksum
                #expect(Payload.decoded(Array(payload[(payload.count - length)...])) == .failure(failure))
            }
        }
    }

    // MARK: Content

    @Test func bytesBehindTheValueAreRefused() {
        let content: [UInt8] = [0x00, 0x03, 0x62, 0x61, 0x72]
        for extra in 1...12 {
            let payload = Payload.sealed(content + [UInt8](repeating: 0, count: extra))
            #expect(Payload.decoded(payload) == .failure(.badFormat), "\(extra) bytes")
        }
    }

    /// The footer is no part of the value, though its bytes are there.
    @Test func lengthsThatRunIntoTheFooterAreRefused() {
        for length in UInt8(4)...15 {
            #expect(Payload.decoded(Payload.sealed([0x00, length, 0x62, 0x61, 0x72])) == .failure(.badFormat))
        }
        #expect(Payload.decoded(Payload.sealed([0x00, 0xc0])) == .failure(.badFormat))
        #expect(Payload.decoded(Payload.sealed([0x00])) == .failure(.badFormat))
        #expect(Payload.decoded(Payload.sealed([])) == .failure(.badFormat))
        #expect(Payload.decoded(Payload.sealed([0x00, 0xc3, 0x04, 0x03, 0x02, 0x62, 0x61])) == .failure(.badFormat))
    }

    @Test func typesThatDoNotExistAreRefused() {
        for type in UInt8(20)...255 { #expect(Payload.decoded(Payload.sealed([type, 0x00])) == .failure(.badFormat)) }
    }

    /// A refused value is given back: each of these would leave 100,000 bytes.
    @Test func refusedValuesLeaveNothing() {
        let value = [UInt8](repeating: 0x78, count: 100_000)
        let lengths: [UInt8] = [0x00, 0x80, 0x00, 0x01, 0x86, 0xa0]
        let trailing = Payload.sealed(lengths + value + [0])
        let left = bytesLeft {
            for _ in 0..<20 where Payload.decoded(trailing) != .failure(.badFormat) { fail("trailing byte") }
        }
        // The test library keeps a little of each error.
        #expect(left < 50_000)
    }

    // MARK: Damage

    @Test func damageIsFound() {
        func damage(_ payload: [UInt8]) -> ValuePayload.Damage? { ValuePayload.damage(in: payload.raw) }
        let sealed = Payload.sealed([0x00, 0x03, 0x62, 0x61, 0x72])
        #expect(damage(sealed) == nil)
        #expect(damage([]) == ValuePayload.Damage(offset: 0, cause: .truncated))
        let newer = Payload.sealed([0x00, 0x01, 0x62], version: 8)
        #expect(damage(newer) == ValuePayload.Damage(offset: 3, cause: .unsupportedVersion(8)))
        var flipped = sealed
        flipped[2] ^= 1
        guard case .badChecksum? = damage(flipped)?.cause else { return fail("a wrong checksum") }
        let twice = Payload.sealed([0x02, 0x02, 0x01, 0x61, 0x01, 0x61])
        #expect(damage(twice) == ValuePayload.Damage(offset: 4, cause: .repeatedMember))
        let longer = Payload.sealed([0x00, 0x01, 0x62, 0x00])
        #expect(damage(longer) == ValuePayload.Damage(offset: 3, cause: .trailingBytes))
        #expect(damage(Payload.sealed([0x14, 0x00])) == ValuePayload.Damage(offset: 0, cause: .unknownType(0x14)))
    }

    @Test func typesOfTheVersion() {
        for type in UInt8(0)...30 {
            let isKnown = ValuePayload.hasKnownType(Payload.sealed([type], version: 7).raw)
            #expect(isKnown == (type <= 4 || (9...14).contains(type)), "type \(type)")
        }
        let isKnown = ValuePayload.hasKnownType(Payload.sealed([14], version: 6).raw)
        #expect(!isKnown)
    }

    // MARK: Round trips

    @Test func stringsOfManyLengthsAndContents() {
        var random = SeededGenerator(for: "ValuePayloadTests.roundTrips")
        for length in Array(0...130) + [1023, 1024, 1025, 16_383, 16_384, 40_000] {
            for alphabet in [1, 3, 256] {
                let string = random.bytes(length).map { UInt8(Int($0) % alphabet) }
                for compresses in [false, true] {
                    let payload = Payload.written(string, compresses: compresses)
                    if Payload.decoded(payload) != .success(string) {
                        return fail(
                            "seed \(random.seed), length \(length), alphabet \(alphabet), compresses \(compresses)")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        "0", "-1", "127", "128", "-32769", "2147483648", "9223372036854775807", "-9223372036854775808", "007",
    ])
    func numbers(_ text: String) {
        #expect(Payload.decoded(Payload.written([UInt8](text))) == .success([UInt8](text)))
    }

    @Test func payloadsFollowEachOtherInOneWriter() {
        var database = Database(number: 0)
        var writer = RDBWriter()
        let strings = ["bar", "1", String(repeating: "a", count: 500)].map { [UInt8]($0) }
        var expected: [UInt8] = []
        for string in strings {
            database.setString(string.raw, string.raw)
            if let entry = database.find(string.raw) { ValuePayload.write(entry, to: &writer) }
            expected += Payload.written(string)
        }
        let written = writer.output.bytes.array
        #expect(written == expected, "each is summed from its own beginning")
    }

    @Test func memoryComesBack() {
        let payloads = [Self.bar6, Self.one6, Payload.written([UInt8](repeating: 0x61, count: 5000))]
        let left = bytesLeft {
            for payload in payloads {
                if case .failure = Payload.decoded(payload) { fail("refused") }
            }
        }
        #expect(left == 0)
    }
}
