import Testing

extension IntegrationTests {
    /// What operators rely on: how the process starts, reports and defends itself.
    @Suite struct OperationTests {}
}
