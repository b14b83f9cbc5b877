internal import Memory

/// A range of scores, each end of which belongs to it or is open.
public struct ScoreRange: Sendable, BitwiseCopyable {
    public let minimum: Double
    public let maximum: Double
    public let excludesMinimum: Bool
    public let excludesMaximum: Bool

    public init(minimum: Double, maximum: Double, excludesMinimum: Bool = false, excludesMaximum: Bool = false) {
        self.minimum = minimum
        self.maximum = maximum
        self.excludesMinimum = excludesMinimum
        self.excludesMaximum = excludesMaximum
    }

    /// The range that two arguments mean: numbers, or `(` and a number for an open end. `nil` where one is something
    /// else.
    public init?(minimum: RawSpan, maximum: RawSpan) {
        guard let low = Self.bound(minimum), let high = Self.bound(maximum) else { return nil }
        self.init(minimum: low.score, maximum: high.score, excludesMinimum: low.isOpen, excludesMaximum: high.isOpen)
    }

    private static func bound(_ text: RawSpan) -> (score: Double, isOpen: Bool)? {
        let isOpen = text.byteCount > 0 && text[0] == UInt8(ascii: "(")
        guard let score = Double(scoreBound: text.extracting((isOpen ? 1 : 0)..<text.byteCount)) else { return nil }
        return (score, isOpen)
    }

    /// Whether a score comes before the range.
    @inline(__always)
    func follows(_ score: Double) -> Bool { excludesMinimum ? score <= minimum : score < minimum }

    /// Whether a score is in the range or comes before it.
    @inline(__always)
    func reaches(_ score: Double) -> Bool { excludesMaximum ? score < maximum : score <= maximum }
}
