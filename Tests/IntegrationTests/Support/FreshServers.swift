import Testing

/// Two servers under test for all tests of a suite, fresh at its beginning; both must end cleanly at its end.
struct FreshServers: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let servers = try Servers(source: .start(), target: .start())
        try await Servers.$current.withValue(servers) { try await function() }
        try servers.source.stop()
        try servers.target.stop()
    }
}

/// A server that gives keys away and one that takes them.
struct Servers: Sendable {
    var source: ServerProcess
    var target: ServerProcess

    @TaskLocal fileprivate static var current: Servers?

    /// The servers of the suite that runs.
    static func shared() throws -> Servers {
        guard let current else { throw KitFailure("the suite lacks the trait .freshServers") }
        return current
    }
}

extension Trait where Self == FreshServers {
    static var freshServers: FreshServers { FreshServers() }
}
