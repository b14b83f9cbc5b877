internal import Memory

extension HyperLogLog {
    /// Counts the first numbers in both forms, and answers what is wrong, if something is: the forms must agree, and be
    /// as near to the truth as the theory promises. Takes some milliseconds.
    public static func selfTest(sparseLimit: Int) -> String? {
        let standardError = 1.04 / Double(registerCount).squareRoot()
        var sparse = HyperLogLog()
        var dense = HyperLogLog()
        var checkpoint = 1
        do throws(Corrupted) {
            try dense.makeDense()
            for number in 1...100_000 {
                let element = Array(String(number).utf8)
                _ = try sparse.add(element.bytes, sparseLimit: sparseLimit)
                _ = try dense.add(element.bytes, sparseLimit: sparseLimit)
                guard number == checkpoint else { continue }
                checkpoint *= 10
                let estimates = (try estimate(of: sparse.string.bytes), try estimate(of: dense.string.bytes))
                guard estimates.0 == estimates.1 else {
                    return "dense/sparse disagree: \(estimates.1) and \(estimates.0) at \(number)"
                }
                // Small numbers are counted with an error of one where two elements fall to one register.
                let error = abs(Double(estimates.0) - Double(number))
                guard error <= max(1, 4 * standardError * Double(number)) else {
                    return "Too big error. card:\(number) abserr:\(error)"
                }
            }
        } catch {
            return "a HyperLogLog that was just made is corrupted"
        }
        return nil
    }

    private static func estimate(of string: RawSpan) throws(Corrupted) -> UInt64 {
        var union = HyperLogLogUnion()
        try union.merge(string)
        return union.estimate
    }
}
