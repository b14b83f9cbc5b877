import CLinux
import Glibc

/// System calls on sockets, each throwing what the system says. Every socket is non-blocking and closed on exec.
enum Socket {
    /// A numeric address with its port, as `bind` and `connect` take it.
    struct Address: Sendable {
        var storage: sockaddr_storage
        var length: socklen_t
        var family: Int32 { Int32(storage.ss_family) }

        func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> R) throws(SystemError)
            -> R
        {
            try unsafe withUnsafeBytes(of: storage) { bytes throws(SystemError) -> R in
                // Storage is made to hold any socket address.
                try unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
            }
        }
    }

    private static let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    // MARK: Listening

    static func listen(at address: Address, backlog: Int) throws(SystemError) -> Int32 {
        try opened(address.family, Int32(SOCK_STREAM.rawValue)) { descriptor throws(SystemError) in
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if address.family == AF_INET6 { try set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
            try bindAndListen(descriptor, address, backlog)
        }
    }

    static func listen(atPath path: String, permissions: Int, backlog: Int) throws(SystemError) -> Int32 {
        let address = try unixAddress(path)
        _ = unsafe unlink(path)
        return try opened(AF_UNIX, Int32(SOCK_STREAM.rawValue)) { descriptor throws(SystemError) in
            try bindAndListen(descriptor, address, backlog)
            if permissions != 0 { _ = try retryingInterrupts { unsafe chmod(path, mode_t(permissions)) } }
        }
    }

    /// The next connection that waits, or `nil` when there is none.
    static func accept(_ listener: Int32) throws(SystemError) -> Int32? {
        do throws(SystemError) {
            return try retryingInterrupts { accept4(listener, nil, nil, flags) }
        } catch {
            if error.wouldBlock || error.code == ECONNABORTED { return nil }
            throw error
        }
    }

    // MARK: Connecting

    /// Starts to connect; the socket becomes writable when that has ended, one way or the other.
    static func connect(to address: Address) throws(SystemError) -> Int32 {
        try opened(address.family, Int32(SOCK_STREAM.rawValue)) { descriptor throws(SystemError) in
            do throws(SystemError) {
                _ = unsafe try address.withPointer { pointer, length throws(SystemError) in
                    try retryingInterrupts { unsafe Glibc.connect(descriptor, pointer, length) }
                }
            } catch {
                if error.code != EINPROGRESS { throw error }
            }
        }
    }

    /// How connecting ended, once the socket is writable.
    static func connectResult(_ descriptor: Int32) -> SystemError? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return SystemError() }
        return code == 0 ? nil : SystemError(code)
    }

    // MARK: Bytes

    /// Reads what is there, at most `target`. 0 is the end of the stream; throws `wouldBlock` when nothing is there.
    static func read(_ descriptor: Int32, into target: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try retryingInterrupts { unsafe recv(descriptor, target.baseAddress, target.count, 0) }
    }

    /// Writes what goes of the given runs and answers how many bytes that was.
    static func write(
        _ descriptor: Int32, _ runs: UnsafeBufferPointer<UnsafeRawBufferPointer>
    ) throws(SystemError) -> Int {
        if runs.count == 1 {
            let run = unsafe runs[0]
            return try retryingInterrupts {
                unsafe send(descriptor, run.baseAddress, run.count, Int32(MSG_NOSIGNAL))
            }
        }
        var vectors = unsafe [16 of iovec](repeating: iovec())
        for index in 0..<runs.count {
            unsafe vectors[index] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: runs[index].baseAddress), iov_len: runs[index].count)
        }
        let count = runs.count
        return try unsafe vectors.span.withUnsafeBufferPointer { all throws(SystemError) -> Int in
            var message = unsafe msghdr()
            unsafe message.msg_iov = UnsafeMutablePointer(mutating: all.baseAddress)
            unsafe message.msg_iovlen = count
            return try retryingInterrupts { unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)) }
        }
    }

    // MARK: Options

    static func setNoDelay(_ descriptor: Int32, _ isOn: Bool = true) {
        // Fails for Unix domain sockets, which have no such delay.
        try? set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, isOn ? 1 : 0)
    }

    /// Probes after `seconds` of silence, then every third of that; the third unanswered one ends the connection.
    static func setKeepAlive(_ descriptor: Int32, seconds: Int) {
        let protocolLevel = Int32(IPPROTO_TCP)
        try? set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        try? set(descriptor, protocolLevel, TCP_KEEPIDLE, Int32(clamping: seconds))
        try? set(descriptor, protocolLevel, TCP_KEEPINTVL, Int32(clamping: max(1, seconds / 3)))
        try? set(descriptor, protocolLevel, TCP_KEEPCNT, 3)
    }

    /// The address of the other end as `ip:port`, `/unixsocket:0` for a Unix domain socket.
    static func peerName(_ descriptor: Int32) -> String { unsafe name(descriptor, getpeername) }

    /// Whether the other end is on this machine, told by the two addresses that Redis knows.
    static func isLoopbackPeer(_ descriptor: Int32) -> Bool {
        let peer = peerName(descriptor)
        return peer.hasPrefix("127.0.0.1:") || peer.hasPrefix("[::1]:")
    }

    /// The address of the other end without its port.
    static func peerHost(_ descriptor: Int32) -> String {
        let name = peerName(descriptor)
        let host = name[..<(name.lastIndex(of: ":") ?? name.endIndex)]
        return String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host)
    }

    /// The address of this end, as ``peerName(_:)``.
    static func localName(_ descriptor: Int32) -> String { unsafe name(descriptor, getsockname) }

    private static func name(
        _ descriptor: Int32,
        _ query: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let failed = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe query(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length) != 0
        }
        return failed ? "?:0" : AddressText.describe(Address(storage: storage, length: length))
    }

    private static func bindAndListen(_ descriptor: Int32, _ address: Address, _ backlog: Int) throws(SystemError) {
        _ = unsafe try address.withPointer { pointer, length throws(SystemError) in
            try retryingInterrupts { unsafe bind(descriptor, pointer, length) }
        }
        _ = try retryingInterrupts { Glibc.listen(descriptor, Int32(clamping: backlog)) }
    }

    /// A new socket, closed again when `prepare` throws.
    private static func opened(
        _ family: Int32, _ type: Int32, _ prepare: (Int32) throws(SystemError) -> Void
    ) throws(SystemError) -> Int32 {
        let descriptor = try retryingInterrupts { socket(family, type | flags, 0) }
        do throws(SystemError) {
            try prepare(descriptor)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(SystemError) {
        var value = value
        _ = try retryingInterrupts {
            unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private static func unixAddress(_ path: String) throws(SystemError) -> Address {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw SystemError(ENAMETOOLONG) }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { target in
            unsafe withUnsafeBytes(of: address) { unsafe target.copyMemory(from: $0) }
        }
        return Address(storage: storage, length: socklen_t(MemoryLayout<sockaddr_un>.size))
    }
}
