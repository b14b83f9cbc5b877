import Memory
import RESP

/// Scores of sorted sets in requests and replies.
extension RawSpan {
    @inline(__always)
    func score(orThrow error: CommandError = .notAFloat) throws(CommandError) -> Double {
        guard let score = Double(score: self) else { throw error }
        return score
    }
}

extension ReplyBuffer {
    /// A number with up to 17 significant digits; in RESP2 a bulk string.
    @inline(__always)
    mutating func score(_ score: Double) {
        score.withScoreText { double($0) }
    }
}
