/// How the value of a key is cut into messages.
struct TransferLimits {
    /// Milliseconds without an acknowledgement after which the migration ends.
    var timeout: Int
    /// A collection of more elements, keys and values of a hash counted each, goes in pieces of so many.
    var bulks: Int
    /// Bytes that may be under way, and bytes of a piece; each piece has one element at least.
    var bytes: Int

    /// Milliseconds that a value lives of which only a part has arrived.
    var pieceTimeToLive: Int { 3 * timeout }

    /// As many as are serialised, and taken in on the other side, in well under a millisecond: the limits for messages
    /// whatever the caller allows.
    static let mostBulks = 8192
    static let mostBulksOfPiece = 512
    static let mostBytes = 128 * 1024
    static let mostBytesOfPiece = 64 * 1024
    /// A string that is longer is sent bit by bit.
    static let longestText = 1024 * 1024
}
