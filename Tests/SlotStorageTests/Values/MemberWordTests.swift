import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct MemberWordTests {
    @Test func integersThatFit() {
        let limit = Int64(1) << 44
        for number in [0, 1, -1, 7, -8, 1_700_000_000_000, limit - 1, -limit] {
            guard let word = MemberWord(integer: number) else { return fail("\(number)") }
            #expect(word.integer == number)
            #expect(word.bits >> 48 == 0, "a bucket keeps 48 bits")
            unsafe #expect(MemberWord(word.address) == word)
            word.free()
        }
        for number in [limit, -limit - 1, .max, .min] { #expect(MemberWord(integer: number) == nil) }
    }

    /// Members of every length: those that fill a class of jemalloc take no byte more.
    @Test func everyLength() {
        for length in 0...300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
            let left = bytesLeft {
                let word = MemberWord.make(copying: bytes.raw)
                if word.integer != nil || word.bytes.elementsEqual(bytes.raw) == false { fail("length \(length)") }
                if unsafe MemberWord(word.address) != word { fail("length \(length)") }
                word.free()
            }
            #expect(left == 0)
            let taken = bytesAllocated { MemberWord.make(copying: bytes.raw).free() }
            let isBare = length > 0 && length <= 96 && length % 16 == 0
            #expect(taken == Heap.usableSize(for: isBare ? length : RecordLength.width(of: length) + length))
        }
    }

    @Test func hashes() {
        let text = [UInt8]("17592186044416")
        let word = MemberWord.make(copying: text.raw)
        defer { word.free() }
        unsafe #expect(MemberWord.hash(at: word.address) == Hashing.hash(text.raw))
        guard let number = MemberWord(integer: -5) else { return fail("no word") }
        unsafe #expect(MemberWord.hash(at: number.address) == MemberWord.hash(-5))
    }
}
