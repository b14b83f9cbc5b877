import Testing

/// Records an issue and answers nothing, so that `return fail(...)` leaves a test.
func fail(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    Issue.record("\(text)", sourceLocation: sourceLocation)
}

/// `#expect` for what it cannot take apart: calls of noncopyable values, and views as arguments.
func check(_ holds: Bool, _ text: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(holds, "\(text)", sourceLocation: sourceLocation)
}
