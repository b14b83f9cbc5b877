import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Intersection, union and difference against the standard library's sets.
struct SetAlgebraTests {
    private struct Operands {
        var models: [Set<[UInt8]>] = []
        var sets: [SetValue] = []

        init(_ random: inout SeededGenerator) {
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let size = [0, 1, 5, 50, 400].randomElement(using: &random) ?? 0
                let isText = Int.random(in: 0..<3, using: &random) == 0
                let model = Set(
                    (0..<size).map { _ in
                        let number = Int64.random(in: 0..<Int64(size * 2), using: &random)
                        // Wide and small numbers, and text.
                        let wide = number % 5 == 0 ? number &* 1_000_000_000_000_007 : number
                        return [UInt8](isText && number % 3 == 0 ? "text\(number)" : "\(wide)")
                    })
                let limit = [0, 20, 512].randomElement(using: &random) ?? 0
                models.append(model)
                sets.append(SetValue.make(model, SetValueTests.limits(limit)))
            }
        }

        func free() { for set in sets { set.free() } }
    }

    @Test func randomOperands() {
        var random = SeededGenerator(for: "SetAlgebraTests.random")
        for round in 0..<800 {
            let operands = Operands(&random)
            defer { operands.free() }
            let limits = SetValueTests.limits([0, 20, 512][round % 3])
            var common: [[UInt8]] = []
            SetValue.forEachCommonMember(of: operands.sets) { common.append($0.array) }
            let expected = operands.models.dropFirst().reduce(operands.models[0]) { $0.intersection($1) }
            if common.count != expected.count || Set(common) != expected { return fail("seed \(random.seed): common") }

            let union = SetValue.union(operands.sets, limits)
            defer { union.free() }
            let all = operands.models.reduce(into: Set()) { $0.formUnion($1) }
            if let complaint = union.complaint(expecting: all) { return fail("seed \(random.seed): \(complaint)") }

            let rest = operands.sets[0].subtracting(Array(operands.sets.dropFirst()), limits)
            defer { rest.free() }
            let left = operands.models.dropFirst().reduce(operands.models[0]) { $0.subtracting($1) }
            if let complaint = rest.complaint(expecting: left) { return fail("seed \(random.seed): \(complaint)") }
        }
    }

    /// Both ways to subtract: few large sets, and many small ones from a large one.
    @Test func subtractingManySmallSets() {
        let large = (0..<500).map { [UInt8]("\($0)") }
        let small = (0..<300).map { [[UInt8]("\($0)"), [UInt8]("x\($0)")] }
        let left = bytesLeft {
            let set = SetValue.make(large, SetValueTests.limits(0))
            let others = small.map { SetValue.make($0, SetValueTests.limits()) }
            let rest = set.subtracting(others, SetValueTests.limits())
            let nothing = set.subtracting([set] + others, SetValueTests.limits())
            if rest.complaint(expecting: Set(large[300...])) != nil || nothing.count != 0 { fail("other members") }
            for set in [set, rest, nothing] + others { set.free() }
        }
        #expect(left == 0)
    }

    @Test func aSetWithItself() {
        let members = (0..<100).map { [UInt8]("\($0)") }
        let set = SetValue.make(members, SetValueTests.limits(0))
        defer { set.free() }
        var common = 0
        SetValue.forEachCommonMember(of: [set, set, set]) { _ in common += 1 }
        #expect(common == 100)
        let union = SetValue.union([set, set], SetValueTests.limits())
        #expect(union.complaint(expecting: Set(members)) == nil)
        union.free()
    }
}
