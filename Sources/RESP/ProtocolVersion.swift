/// The versions of the protocol that a client can choose with HELLO. Requests are the same in both.
///
/// Source: <https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md>.
@frozen
public enum ProtocolVersion: Int, Sendable {
    /// Strings, numbers, errors and arrays: what Redis 2.8 speaks.
    case resp2 = 2
    /// Maps, sets, floating-point numbers, one null, and messages that are no replies, besides.
    case resp3 = 3
}
