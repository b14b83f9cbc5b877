extension [UInt8] {
    /// The bytes as the sources take them.
    public var raw: RawSpan {
        @_lifetime(borrow self)
        get { unsafe span.bytes }
    }

    public init(_ text: String) { self = Array(text.utf8) }
}
