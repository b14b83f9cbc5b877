import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Collections to and from RDB bytes, without version and checksum.
enum Collections {
    static func read(_ bytes: [UInt8], _ limits: EncodingLimits) -> Result<Value, RDBError> {
        var reader = RDBReader(bytes.raw)
        do throws(RDBError) {
            let value = try reader.readTypeAndValue(limits: limits)
            if reader.isAtEnd { return .success(value) }
            value.free()
            return .failure(.trailingBytes)
        } catch {
            return .failure(error)
        }
    }

    static func written(_ value: Value) -> [UInt8] {
        var writer = RDBWriter()
        if value.type == .hash { writer.write(HashValue(value)) } else { writer.write(SetValue(value)) }
        return writer.output.bytes.array
    }

    /// A string as RDB has it.
    static func string(_ bytes: [UInt8]) -> [UInt8] {
        var writer = RDBWriter(compresses: false)
        writer.writeLength(bytes.count)
        return writer.output.bytes.array + bytes
    }

    /// Changes a few bytes of good values at random. What is accepted must be right and survive being written and read
    /// again, and nothing may be left in memory.
    static func fuzz(_ name: String, _ seeds: [[UInt8]], isRight: (Value) -> Bool) {
        var random = SeededGenerator(for: name)
        var accepted = 0
        for round in 0..<60_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch random.next() % 4 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes[index] = [0, 1, 2, 0xfe, 0xff].randomElement(using: &random) ?? 0
                default: bytes.remove(at: index)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            // Only the types of the seeds: strings have tests of their own.
            bytes[0] = seeds[Int.random(in: 0..<seeds.count, using: &random)][0]
            var limits = EncodingLimits()
            limits.hashMaxZiplistEntries = [0, 1, 512][round / 7 % 3]
            limits.setMaxIntsetEntries = [0, 1, 512][round / 7 % 3]
            guard case .success(let value) = read(bytes, limits) else { continue }
            accepted += 1
            let again = read(written(value), limits)
            if !isRight(value) || (try? again.get()) == nil { return fail("seed \(random.seed), round \(round)") }
            if case .success(let copy) = again { copy.free() }
            value.free()
        }
        #expect(accepted > 500 && accepted < 59_000, "the mutations reach both ends")
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension Value {
    /// The fields of a hash.
    var fields: [String: String] {
        var fields: [String: String] = [:]
        HashValue(self).forEach { field, value in fields[field.text] = value.text }
        return fields
    }

    var fieldsAndFree: [String: String] {
        defer { free() }
        return fields
    }

    /// The members of a set in ascending order of their text.
    var memberTexts: [String] { SetValue(self).members.map { $0.text }.sorted() }

    var membersAndFree: [String] {
        defer { free() }
        return memberTexts
    }
}

extension [UInt8] {
    init(hexadecimal text: String) {
        let digits = text.utf8.map { $0 >= 0x61 ? $0 - 0x57 : $0 - 0x30 }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension SetMember {
    /// The text, copied.
    var array: [UInt8] { withBytes { $0.array } }
    var text: String { withBytes { $0.text } }
}

extension HashField {
    var nameCopy: [UInt8] { withName { $0.array } }
    var valueCopy: [UInt8] { withValue { $0.array } }
}
