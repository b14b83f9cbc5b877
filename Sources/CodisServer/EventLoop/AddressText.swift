import CLinux
import Glibc

/// Addresses from text and to text.
enum AddressText {
    /// Why a name has no address, in the resolver's words, such as `Name or service not known`.
    struct ResolveError: Error {
        let description: String
    }

    /// The addresses of a host. With `numericOnly` nothing but the text itself is looked at, and the call never waits;
    /// otherwise it may wait for a name server.
    static func resolve(
        host: String?, port: Int, numericOnly: Bool, forListening: Bool = false
    ) throws(ResolveError) -> [Socket.Address] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = (numericOnly ? AI_NUMERICHOST : 0) | (forListening ? AI_PASSIVE : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard failure == 0 else { throw unsafe ResolveError(description: String(cString: gai_strerror(failure))) }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [Socket.Address] = []
        var next = unsafe list
        while let info = unsafe next {
            unsafe next = info.pointee.ai_next
            var storage = sockaddr_storage()
            let length = unsafe info.pointee.ai_addrlen
            unsafe withUnsafeMutableBytes(of: &storage) { target in
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: info.pointee.ai_addr, count: Int(length)))
            }
            addresses.append(Socket.Address(storage: storage, length: length))
        }
        return addresses
    }

    /// `ip:port`, `[ip6]:port`, or `/unixsocket:0`.
    static func describe(_ address: Socket.Address) -> String {
        guard address.family == AF_INET || address.family == AF_INET6 else { return "/unixsocket:0" }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let failure: Int32? = unsafe try? address.withPointer { pointer, length throws(SystemError) in
            unsafe getnameinfo(
                pointer, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        guard failure == 0 else { return "?:0" }
        let isIPv6 = address.family == AF_INET6
        return isIPv6 ? "[\(text(host))]:\(text(service))" : "\(text(host)):\(text(service))"
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
