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
        /// Of one message of an asynchronous migration.
        case acknowledgement(MigrationJob)
        /// Whether the target takes such messages.
        case capability
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
    /// Whether the target takes the messages of asynchronous migrations; asked when a large value is to be moved first.
    var takesPieces: Bool?
    /// Reads acknowledgements, which are commands.
    var parser = RequestParser()

    /// Whether the next answer is a command and not a line.
    var expectsAcknowledgement: Bool {
        switch expectations.first {
        case .acknowledgement, .capability: true
        case .auth, .select, .keys, nil: false
        }
    }

    /// Whether it is being found out what the target takes.
    var isAsking: Bool {
        expectations.contains { if case .capability = $0 { true } else { false } }
    }

    var isIdle: Bool { waiting.isEmpty && feeding.isEmpty && expectations.isEmpty }

    override var hasMoreToSend: Bool { !feeding.isEmpty }

    override func hasConnected(_ server: inout Server) { server.greet(self) }

    override func hasReceived(_ server: inout Server) { server.readAnswers(self) }

    override func hasFailed(_ server: inout Server, _ failure: MigrationFailure) { server.fail(self, failure) }

    override func hasBroken(_ server: inout Server, _ failure: MigrationFailure, _ error: SystemError?) {
        server.broken(self, failure, error)
    }

    override func feed(_ server: inout Server) { server.feed(self) }
}
