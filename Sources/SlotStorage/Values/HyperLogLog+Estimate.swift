internal import Glibc
internal import Memory

/// The registers of one or several HyperLogLogs, one byte each: the highest value of each wins.
public struct HyperLogLogUnion: ~Copyable {
    private var registers = ByteBuffer()

    public init() {
        registers.reserveExactly(HyperLogLog.registerCount)
        registers.appendZeros(HyperLogLog.registerCount)
    }

    /// Takes in a string whose `HyperLogLog.form(of:)` is known. O(registers).
    public mutating func merge(_ string: RawSpan) throws(HyperLogLog.Corrupted) {
        var registers = self.registers.mutableBytes
        if HyperLogLog.form(of: string) == .dense {
            for index in 0..<HyperLogLog.registerCount {
                registers[index] = max(registers[index], DenseRegisters.value(index, in: string))
            }
        } else {
            try SparseRuns.forEachRegister(of: string) { index, value in
                registers[index] = max(registers[index], value)
            }
        }
    }

    /// Writes all registers over those of a dense one, whose cardinality is then out of date. O(registers).
    public func write(toDense string: inout MutableRawSpan) {
        precondition(HyperLogLog.form(of: string.bytes) == .dense, "not a dense HyperLogLog")
        for index in 0..<HyperLogLog.registerCount {
            DenseRegisters.set(index, to: registers.bytes[index], in: &string)
        }
        HyperLogLog.setKnownCardinality(nil, in: &string)
    }

    /// About how many different elements were added. O(registers).
    public var estimate: UInt64 {
        // How often each value occurs says all that the sum needs, and adding from there rounds least.
        var histogram: [64 of Int] = .init(repeating: 0)
        for index in 0..<HyperLogLog.registerCount { histogram[Int(registers.bytes[index] & 63)] += 1 }
        return Self.estimate(histogram)
    }

    /// The estimate of Redis 2.8: linear counting while many registers are 0, else HyperLogLog with a polynomial that
    /// takes its known error below 72,000 away.
    private static func estimate(_ histogram: [64 of Int]) -> UInt64 {
        let count = Double(HyperLogLog.registerCount)
        var sum = 0.0
        for value in (0..<64).reversed() { sum += Double(histogram[value]) * exp2(Double(-value)) }
        let alpha = 0.7213 / (1 + 1.079 / count)
        var estimate = (1 / sum) * alpha * count * count
        if estimate < count * 2.5, histogram[0] > 0 {
            estimate = count * log(count / Double(histogram[0]))
        } else if estimate < 72_000 {
            let square = estimate * estimate
            let bias =
                5.9119 * 1.0e-18 * (square * estimate * estimate) - 1.4253 * 1.0e-12 * (square * estimate)
                + 1.2940 * 1.0e-7 * square - 5.2921 * 1.0e-3 * estimate + 83.3216
            estimate -= estimate * (bias / 100)
        }
        // Registers that no hash can make give more than 64 bits; the processor makes 0 of it.
        return UInt64(exactly: estimate.rounded(.towardZero)) ?? 0
    }
}
