import Memory
import RESP

/// The connection to one target, shared by all callers and databases: commands go out pipelined, replies come back in
/// order.
///
/// A link whose conversation went wrong is *retired*: it takes no more jobs and ends with the last reply that is still
/// due.
final class MigrationLink: OutgoingLink {
    /// What a reply line will be for.
    enum Expectation {
        case auth
        case select(Int)
        case keys(MigrationJob)
    }

    /// Jobs that have not begun: they wait for the connection, for AUTH, or for another database to be selected.
    var waiting: [MigrationJob] = []
    /// Jobs whose keys are pinned and not all serialised.
    var feeding: [MigrationJob] = []
    var expectations: [Expectation] = []
    var isAuthenticated = false
    var selectedDatabase: Int?
    /// Whether a whole conversation has succeeded on this connection, so that a failure of the next may just mean that
    /// it went stale.
    var hasServed = false
    /// Bytes of the target since the last command was sent.
    var hasAnswered = false
    var isRetired = false

    var isIdle: Bool { waiting.isEmpty && feeding.isEmpty && expectations.isEmpty }

    override var hasMoreToSend: Bool { !feeding.isEmpty }

    override func hasConnected(_ server: inout Server) { server.greet(self) }

    override func hasReceived(_ server: inout Server) { server.readLines(self) }

    override func hasFailed(_ server: inout Server, _ failure: MigrationFailure) { server.fail(self, failure) }

    override func hasBroken(_ server: inout Server, _ failure: MigrationFailure, _ error: SystemError?) {
        server.broken(self, failure, error)
    }

    override func feed(_ server: inout Server) { server.feed(self) }
}
