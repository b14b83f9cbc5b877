extension Entry {
    /// Where the entry is in memory, as a number for people to look at (DEBUG OBJECT).
    public var address: UInt { unsafe UInt(bitPattern: base) }
}
