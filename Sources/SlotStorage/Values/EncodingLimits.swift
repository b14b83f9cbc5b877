/// Up to which size collections stay in their compact encodings: the `*-max-ziplist-*` and `set-max-intset-entries`
/// directives, with Redis' defaults.
///
/// A collection leaves its compact encoding with the element that takes it over a limit, and never comes back, however
/// much is removed.
public struct EncodingLimits: Sendable, BitwiseCopyable {
    /// Fields in a compact hash.
    public var hashMaxZiplistEntries = 512
    /// Bytes of a field or a value in a compact hash.
    public var hashMaxZiplistValue = 64
    /// Elements in a compact list.
    public var listMaxZiplistEntries = 512
    /// Bytes of an element in a compact list.
    public var listMaxZiplistValue = 64
    /// Members in a set of integers that is kept as a sorted array.
    public var setMaxIntsetEntries = 512
    /// Members in a compact sorted set.
    public var zsetMaxZiplistEntries = 128
    /// Bytes of a member in a compact sorted set.
    public var zsetMaxZiplistValue = 64

    public init() {}
}
