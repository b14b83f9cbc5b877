import CLinux
import Glibc

/// Finding out that a migration target is this very server, which would overwrite its own newer data (specification,
/// quirk Q17).
extension Server {
    func isSelf(_ link: MigrationLink) -> Bool { !link.hasServed && isOwnClient(link) }

    func isSelf(_ link: AsyncLink) -> Bool { !link.hasGreeted && isOwnClient(link) }

    /// Whether the other end of the link is one of this server's own clients. O(clients), asked only where the target's
    /// port is ours.
    private func isOwnClient(_ link: OutgoingLink) -> Bool {
        guard link.target.port == configuration.port else { return false }
        let own = Socket.localName(link.descriptor)
        return clients.contains { !$0.value.state.isUnixSocket && Socket.peerName($0.value.state.descriptor) == own }
    }
}
