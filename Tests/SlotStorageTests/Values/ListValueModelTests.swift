import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Random changes, compared with an array.
struct ListValueModelTests {
    /// Long elements make many chunks of a short list.
    @Test(arguments: [1, 30, 700, 3000, 9000])
    func randomChanges(_ length: Int) {
        let random = SeededGenerator(for: "ListValueModelTests.randomChanges(\(length))")
        for round in 0..<40 {
            let left = bytesLeft {
                var random = SeededGenerator(seed: random.seed &+ UInt64(round))
                var limits = EncodingLimits()
                limits.listMaxZiplistEntries = [0, 5, 512].randomElement(using: &random) ?? 0
                limits.listMaxZiplistValue = [64, 100_000].randomElement(using: &random) ?? 0
                var list = ModelList(limits: limits)
                let size = Int.random(in: 1...60, using: &random)
                for step in 0..<150 {
                    let isRight = change(&list, size: size, length: length, &random)
                    if let complaint = isRight ? list.complaint : "another answer" {
                        fail("\(complaint): seed \(random.seed), round \(round), step \(step)")
                        break
                    }
                }
                if let complaint = list.thoroughComplaint { fail("\(complaint): seed \(random.seed), round \(round)") }
                list.free()
            }
            if left != 0 { return fail("\(left) bytes left: seed \(random.seed), round \(round)") }
        }
    }

    @Test func randomChangesOfManySmallElements() {
        var random = SeededGenerator(for: "ListValueModelTests.many")
        var list = ModelList()
        for number in 0..<3000 { list.push([UInt8](String(number % 40)), .tail) }
        for step in 0..<2000 {
            let isRight = change(&list, size: 3000, length: 3, &random)
            if let complaint = !isRight ? "another answer" : step % 50 == 0 ? list.complaint : nil {
                return fail("\(complaint): seed \(random.seed), step \(step)")
            }
        }
        if let complaint = list.thoroughComplaint { fail("\(complaint): seed \(random.seed)") }
        list.free()
    }

    private func change(_ list: inout ModelList, size: Int, length: Int, _ random: inout SeededGenerator) -> Bool {
        let isNumber = Bool.random(using: &random)
        let element =
            isNumber
            ? [UInt8](String(Int.random(in: 0..<40, using: &random)))
            : [UInt8](
                repeating: UInt8.random(in: 0x61...0x68, using: &random),
                count: Int.random(in: 0...length, using: &random))
        let end = Bool.random(using: &random) ? ListEnd.head : .tail
        let index = Int.random(in: -list.model.count...list.model.count, using: &random)
        let known = list.model.randomElement(using: &random) ?? element
        switch Int.random(in: 0..<(list.model.count < size ? 12 : 8), using: &random) {
        case 0, 1: return list.model.isEmpty || list.pop(end)
        case 2, 3: return list.set(index, element)
        case 4: return list.remove(known, limit: Int.random(in: 1...4, using: &random), end)
        case 5: return list.remove(element, limit: .max, end)
        case 6 where Int.random(in: 0..<6, using: &random) == 0:
            let bounds = [abs(index), Int.random(in: 0...list.model.count, using: &random)].sorted()
            if let complaint = list.complaint(about: bounds[0]..<bounds[1]) {
                print(complaint)
                return false
            }
            list.trim(bounds[0]..<bounds[1])
            return true
        case 6, 7, 8: return list.insert(element, end == .head ? .before : .after, pivot: known)
        default:
            list.push(element, end)
            return true
        }
    }
}
