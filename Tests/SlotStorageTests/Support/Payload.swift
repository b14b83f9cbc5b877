import Memory

@testable import SlotStorage
import TestSupport

/// Payloads put together by hand, and values taken apart again.
enum Payload {
    /// CRC-64 bit by bit, as the definition says.
    static func naiveCRC64(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var crc: UInt64 = 0
        for byte in bytes {
            crc ^= UInt64(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x95ac_9329_ac4b_c9b5 : crc >> 1 }
        }
        return crc
    }

    static func littleEndian(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }

    /// `content` with version and a right checksum behind it.
    static func sealed(_ content: [UInt8], version: UInt64 = 6) -> [UInt8] {
        let summed = content + littleEndian(version, 2)
        return summed + littleEndian(CRC64.checksum(summed.raw), 8)
    }

    /// A payload of a string value, as the server writes it.
    static func written(_ string: [UInt8], compresses: Bool = true) -> [UInt8] {
        var database = Database(number: 0)
        let key = [UInt8]("k")
        database.setString(key.raw, string.raw)
        var writer = RDBWriter(compresses: compresses)
        if let entry = database.find(key.raw) { ValuePayload.write(entry, to: &writer) }
        return writer.output.bytes.array
    }

    /// The string that a payload holds, or why there is none.
    static func decoded(_ payload: [UInt8]) -> Result<[UInt8], ValuePayload.Failure> {
        do throws(ValuePayload.Failure) {
            let value = try ValuePayload.decode(payload.raw, limits: EncodingLimits())
            defer { value.free() }
            return .success(text(of: value))
        } catch {
            return .failure(error)
        }
    }

    /// The text of a string value.
    static func text(of value: Value) -> [UInt8] {
        value.block?.bytes.array ?? [UInt8](String(Int64(bitPattern: value.payload)))
    }
}
