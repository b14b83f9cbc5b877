import SlotStorage

extension Configuration {
    /// Up to which size collections are kept in their compact encodings.
    var encodingLimits: EncodingLimits {
        var limits = EncodingLimits()
        limits.hashMaxZiplistEntries = hashMaxZiplistEntries
        limits.hashMaxZiplistValue = hashMaxZiplistValue
        limits.listMaxZiplistEntries = listMaxZiplistEntries
        limits.listMaxZiplistValue = listMaxZiplistValue
        limits.setMaxIntsetEntries = setMaxIntsetEntries
        limits.zsetMaxZiplistEntries = zsetMaxZiplistEntries
        limits.zsetMaxZiplistValue = zsetMaxZiplistValue
        return limits
    }
}
