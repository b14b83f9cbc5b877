import Foundation

/// Sockets on 127.0.0.1.
enum LoopbackAddress {
    /// A TCP port that nobody listened on a moment ago.
    static func unusedPort() throws -> UInt16 {
        let descriptor = try makeSocket()
        defer { close(descriptor) }
        var address = make(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let done = unsafe withUnsafeMutablePointer(to: &address) { typed in
            unsafe typed.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                unsafe bind(descriptor, plain, length) == 0 && getsockname(descriptor, plain, &length) == 0
            }
        }
        guard done else { throw ServerFailure("no port could be bound: \(systemErrorText())") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// A connected socket that sends small messages at once.
    static func connect(port: UInt16) throws -> CInt {
        let descriptor = try makeSocket()
        var address = make(port: port)
        let result = unsafe withUnsafePointer(to: &address) { typed in
            unsafe typed.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                unsafe Foundation.connect(descriptor, plain, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var yes: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard result == 0, unsafe setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, size) == 0 else {
            let text = systemErrorText()
            close(descriptor)
            throw ServerFailure("port \(port) cannot be reached: \(text)")
        }
        return descriptor
    }

    private static func makeSocket() throws -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw ServerFailure("no socket: \(systemErrorText())") }
        return descriptor
    }

    private static func make(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (127 << 24 | 1 as UInt32).bigEndian
        return address
    }
}
