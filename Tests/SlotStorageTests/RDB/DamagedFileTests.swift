import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// The damaged files and payloads of `Tests/Fixtures/corrupt`.
struct DamagedFileTests {
    /// Loads a file in pieces of so many bytes; then every key must be readable.
    private static func load(_ file: [UInt8], pieces: Int) -> Result<Int, RDBFileError> {
        // Later than every time of expiry in the past, sooner than those in the future.
        let now: Int64 = 1_700_000_000_000
        var loader = KeyspaceLoader(databaseCount: 16, limits: EncodingLimits(), dropsKeysExpiredBefore: now)
        var offset = 0
        do throws(RDBFileError) {
            while true {
                switch try loader.load(atMost: 3) {
                case .needsInput where offset == file.count: loader.endInput()
                case .needsInput:
                    let end = min(offset + pieces, file.count)
                    loader.append(file.raw.extracting(offset..<end))
                    offset = end
                case .unfinished: break
                case .complete:
                    let keys = loader.keys
                    let keyspace = loader.finish()
                    var readable = 0
                    for number in 0..<16 { keyspace[number].forEach { if $0.isReadable { readable += 1 } } }
                    return .success(readable == keys ? keys : -1)
                }
            }
        } catch {
            return .failure(error)
        }
    }

    @Test func files() throws {
        let fixtures = try Fixture.all("rdb")
        #expect(fixtures.count == 971)
        for fixture in fixtures {
            let file = fixture.bytes
            let result = Self.load(file, pieces: file.count + 1)
            #expect(Self.load(file, pieces: 13) == result, "\(fixture.name): the same in pieces")
            switch (result, fixture.expect) {
            case (.success(let keys), .load), (.success(let keys), .either):
                if keys != fixture.keys ?? max(keys, 0) { fail("\(fixture.name): \(keys) keys") }
            case (.success, _): #expect(Self.isNewerVersion(fixture.name), "\(fixture.name) is loaded")
            case (.failure(let error), .load): fail("\(fixture.name): \(error)")
            case (.failure(let error), _):
                if error.offset < 0 || error.offset > file.count { fail("\(fixture.name): \(error)") }
            }
        }
    }

    /// Versions 8 to 12 are refused by the servers that the fixtures are made for, and read here.
    private static func isNewerVersion(_ name: String) -> Bool {
        let versions = ["'0008'", "'0009'", "'0010'", "'0011'", "'0012'", "version 9"]
        return versions.contains { name.contains($0) }
    }

    @Test func payloads() throws {
        let fixtures = try Fixture.all("payloads")
        #expect(fixtures.count == 109)
        for fixture in fixtures {
            let payload = fixture.bytes
            do throws(ValuePayload.Failure) {
                let value = try ValuePayload.decode(payload.raw, limits: EncodingLimits())
                value.free()
                #expect(fixture.expect == .restore || fixture.expect == .either, "\(fixture.name) is taken")
            } catch {
                #expect(fixture.expect == .error || fixture.expect == .either, "\(fixture.name): \(error)")
            }
        }
    }
}

extension Entry {
    /// Whether the value has as many parts as it says.
    fileprivate var isReadable: Bool {
        var parts = 0
        switch type {
        case .string: return withString { $0.byteCount } == stringLength
        case .list:
            list.forEach { _ in parts += 1 }
            return parts == list.count && parts > 0
        case .set:
            set.forEach { _ in parts += 1 }
            return parts == set.count && parts > 0
        case .hash:
            hash.forEach { _, _ in parts += 1 }
            return parts == hash.count && parts > 0
        case .sortedSet:
            sortedSet.forEach { _, _ in parts += 1 }
            return parts == sortedSet.count && parts > 0
        }
    }
}
