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
    /// A bulk string with up to 17 significant digits.
    @inline(__always)
    mutating func bulk(score: Double) {
        score.withScoreText { bulk($0) }
    }
}
