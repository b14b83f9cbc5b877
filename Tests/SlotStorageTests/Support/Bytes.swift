extension [UInt8] {
    /// The bytes as the sources take them.
    var raw: RawSpan {
        @_lifetime(borrow self)
        get { unsafe span.bytes }
    }

    init(_ text: String) { self = Array(text.utf8) }
}
