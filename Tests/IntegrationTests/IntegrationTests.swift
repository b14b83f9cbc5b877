import Testing

/// Tests that drive real server processes over real sockets. One after the other: they measure memory and time, and
/// a failure is easier to read when nothing else ran.
@Suite(.serialized) struct IntegrationTests {}
