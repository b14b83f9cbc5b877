import Testing

extension IntegrationTests {
    /// Families of commands that need more than one connection to be seen.
    @Suite struct CommandTests {}
}
