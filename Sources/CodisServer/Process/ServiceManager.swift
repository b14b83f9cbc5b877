import CLinux
import Glibc

/// The program that started the server and wants to know when it is ready: `supervised`.
enum ServiceManager: Equatable {
    /// The address of its socket: a path, or `@name` in Linux' abstract namespace.
    case systemd(socket: String)
    /// Waits for the process to stop itself.
    case upstart

    /// The one that the directive and the environment name. `nil` when there is none, or it has not started us.
    init?(_ supervision: Supervision, environment: (String) -> String?) {
        let systemd = environment("NOTIFY_SOCKET").map { Self.systemd(socket: $0) }
        let upstart: Self? = environment("UPSTART_JOB") == nil ? nil : .upstart
        let found: Self? =
            switch supervision {
            case .no: nil
            case .systemd: systemd
            case .upstart: upstart
            case .auto: upstart ?? systemd
            }
        guard let found else { return nil }
        self = found
    }

    /// Says that clients are served from now on.
    func tellReady() throws(SystemError) {
        switch self {
        case .systemd(let socket): try Self.notify(socket, "READY=1\nSTATUS=Ready to accept connections\n")
        case .upstart: raise(SIGSTOP)
        }
    }

    /// Says that the server is about to end.
    func tellStopping() throws(SystemError) {
        if case .systemd(let socket) = self { try Self.notify(socket, "STOPPING=1\n") }
    }

    /// One datagram, as sd_notify(3) describes it.
    private static func notify(_ path: String, _ message: String) throws(SystemError) {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            bytes.count < MemoryLayout.size(ofValue: address.sun_path)
        else { throw SystemError(EINVAL) }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            unsafe target.copyBytes(from: bytes)
            if first == UInt8(ascii: "@") { unsafe target[0] = 0 }
        }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + bytes.count)
        let descriptor = try retryingInterrupts {
            socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        defer { close(descriptor) }
        let text = Array(message.utf8)
        let sent = unsafe withUnsafeBytes(of: &address) { place in
            unsafe text.withUnsafeBytes { data in
                unsafe sendto(
                    descriptor, data.baseAddress, data.count, Int32(MSG_NOSIGNAL),
                    place.assumingMemoryBound(to: sockaddr.self).baseAddress, length)
            }
        }
        if sent != text.count { throw SystemError(errno) }
    }
}
